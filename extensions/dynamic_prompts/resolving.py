"""Turns a template into a text: what is chosen, looked up and put in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from app.api import UserError
from extensions.dynamic_prompts.choosing import Chooser
from extensions.dynamic_prompts.grammar import parse, split_weight, unclosed
from extensions.dynamic_prompts.nodes import Assign, Choice, Node, Sequence, Text, Use, Wildcard
from extensions.dynamic_prompts.weights import Weights

DEEPEST = 60
"""So many wildcards, variables and alternatives one within the other."""
MOST_STEPS = 5_000
MOST_CHARACTERS = 100_000


class Texts(Protocol):
    """Where wildcards are looked up."""

    def find(self, pattern: str) -> list[str]:
        """Names that are meant."""
        ...

    def values(self, name: str) -> tuple[str, ...]:
        """The texts of one."""
        ...


@dataclass(frozen=True)
class Offer:
    """What one or several are chosen from: weights, and the parts of the option at a place."""

    weights: Weights
    parts: Callable[[int], Sequence]


def _go_on() -> None:
    """Nobody wants it to end."""


class Resolver:
    """Resolves templates of one kind; ``remarks`` are sentences about what could not be, each once, and was left as it was written.

    ``check`` is called at every step, and raises what shall end it.
    """

    def __init__(self, texts: Texts, check: Callable[[], None] = _go_on) -> None:
        self._texts = texts
        self.check = check
        self._parse = lru_cache(maxsize=64)(parse)
        self._parse_line = lru_cache(maxsize=4096)(parse)
        self._offers: dict[str, Offer] = {}
        self.remarks: dict[str, None] = {}

    def is_plain(self, template: str) -> bool:
        """True where there is nothing to resolve."""
        return all(isinstance(node, Text) for node in self._parse(template)) and "\\" not in template

    def resolve(self, template: str, chooser: Chooser) -> str:
        """The text of a template; raises UserError where it would be far too long. One without anything dynamic stays as it is."""
        if self.is_plain(template):
            return template
        nodes = self._parse(template)
        text = _Walk(self, chooser).text(nodes, DEEPEST)
        return text.strip() if any(not isinstance(node, Text) for node in nodes) else text

    def remark_on_unclosed(self, template: str) -> None:
        """Say what looks like a part of the grammar and stays text, because its end is missing."""
        for start in unclosed(template):
            self.remark(f"Nothing closes {start!r}, so it was left as it is. Alternatives end with }}, wildcards with __.")

    def offer(self, wildcard: Wildcard) -> Offer:
        """What a wildcard can be; nothing where there is none of that name, which is remarked on."""
        if wildcard.name not in self._offers:
            names = self._texts.find(wildcard.name)
            lines = dict.fromkeys(line for name in names for line in self._texts.values(name))
            split = [split_weight(line) for line in lines]
            self._offers[wildcard.name] = Offer(Weights(weight for weight, _ in split), lambda place: self._parse_line(split[place][1]))
            if not names:
                self.remark(f"There is no wildcard {wildcard.name!r}, so {wildcard.source} was left as it is.")
            elif not lines:
                self.remark(f"The wildcard {wildcard.name!r} has no texts, so {wildcard.source} was left as it is.")
        return self._offers[wildcard.name]

    def remark(self, sentence: str) -> None:
        """Keep a sentence for the user."""
        self.remarks[sentence] = None


class _Walk:
    """One resolution: its variables, and how much was done."""

    def __init__(self, resolver: Resolver, chooser: Chooser) -> None:
        self._resolver = resolver
        self._chooser = chooser
        self._variables: dict[str, Sequence] = {}
        self._steps = 0
        self._characters = 0

    def text(self, nodes: Iterable[Node], depth: int) -> str:
        return "".join([self._of(node, depth) for node in nodes])

    def _of(self, node: Node, depth: int) -> str:
        if isinstance(node, Text):
            self._characters += len(node.text)
            if self._characters > MOST_CHARACTERS:
                hint = "Do its wildcards ask for each other again and again?"
                raise UserError(f"The prompt would be longer than {MOST_CHARACTERS} characters.", hint=hint, field="prompt")
            return node.text
        self._steps += 1
        self._resolver.check()
        if isinstance(node, Choice):
            return self._choice(node, depth)
        if isinstance(node, Wildcard):
            return self._wildcard(node, depth)
        if isinstance(node, Use):
            return self._use(node, depth)
        self._assign(node, depth)
        return ""

    def _choice(self, choice: Choice, depth: int) -> str:
        if choice.count is None:
            chosen = self._chooser.one(choice.weights, choice.mode)
            return self.text(choice.options[chosen].parts, depth - 1)
        offer = self._offered(choice)
        places = self._chooser.several(offer.weights, choice.count)
        return choice.separator.join([self.text(offer.parts(place), depth - 1).strip() for place in places])

    def _offered(self, choice: Choice) -> Offer:
        """What several are chosen from: the texts of a wildcard that stands alone."""
        if len(choice.options) == 1:
            only = [node for node in choice.options[0].parts if not (isinstance(node, Text) and not node.text.strip())]
            if len(only) == 1 and isinstance(only[0], Wildcard):
                offer = self._resolver.offer(only[0])
                if len(offer.weights) > 0:
                    return offer
        return Offer(choice.weights, lambda place: choice.options[place].parts)

    def _wildcard(self, wildcard: Wildcard, depth: int) -> str:
        if self._is_too_much(wildcard.source, depth):
            return self._left(wildcard.source)
        offer = self._resolver.offer(wildcard)
        if len(offer.weights) == 0:
            return self._left(wildcard.source)
        before = dict(self._variables)
        self._variables.update(wildcard.values)
        chosen = self._chooser.one(offer.weights, wildcard.mode)
        text = self.text(offer.parts(chosen), depth - 1)
        if wildcard.values:
            self._variables = before
        return text

    def _use(self, use: Use, depth: int) -> str:
        parts = self._variables.get(use.name, use.default)
        if parts is None:
            self._resolver.remark(f"Nothing was assigned to {use.source}, so it was left as it is.")
            return self._left(use.source)
        return self._left(use.source) if self._is_too_much(use.source, depth) else self.text(parts, depth - 1)

    def _assign(self, assign: Assign, depth: int) -> None:
        self._variables[assign.name] = (Text(self.text(assign.parts, depth)),) if assign.at_once else assign.parts

    def _is_too_much(self, source: str, depth: int) -> bool:
        if depth > 0 and self._steps <= MOST_STEPS:
            return False
        self._resolver.remark(f"{source} asks for itself again and again, so it was left as it is in the end.")
        return True

    def _left(self, source: str) -> str:
        return self._of(Text(source), 0)
