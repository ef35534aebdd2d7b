"""Reads the scheduling grammar of prompts, ``[a:b:0.5]`` and ``[a|b]``, into nodes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TypeAlias

_TOKEN = re.compile(r"(?:[^\\\[\]():|]|\\.)+|[\\\[\]():|]")
_NUMBER = re.compile(r"\s*(?P<number>[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)\s*")


@dataclass(frozen=True)
class Series:
    """Nodes one after another."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True)
class Switch:
    """``before`` until the moment that ``when`` names (a number as written), then ``after``."""

    before: Series
    after: Series
    when: str


@dataclass(frozen=True)
class Alternation:
    """One option after the other, a step each."""

    options: tuple[Series, ...]


Node: TypeAlias = "str | Series | Switch | Alternation"


def parse_prompt(text: str) -> Series:
    """The nodes of a prompt; a prompt that the grammar does not know is one text.

    Brackets that do not pair, and square brackets with other numbers of colons than a schedule has, are text together with all
    brackets around them. A bar outside of square brackets, or a backslash with nothing after it, makes the whole prompt text. The time
    is linear in the length, and no nesting is too deep.
    """
    reader = _Reader()
    for match in _TOKEN.finditer(text):
        reader.read(match.group())
    tree = reader.finish()
    return tree if reader.understood else Series((text,))


@dataclass
class _Bracket:
    """An open bracket; its content is cut into ``parts`` by the ``separators`` ":" and "|"."""

    opening: str
    parts: list[list[Node]] = field(default_factory=lambda: [[]])
    separators: list[str] = field(default_factory=list)

    def as_text(self) -> list[Node]:
        """Everything since the bracket, which means nothing, in order."""
        nodes: list[Node] = [self.opening]
        for part, separator in zip_longest(self.parts, self.separators, fillvalue=""):
            nodes += [*part, separator]
        return nodes

    def closed(self) -> Node | None:
        """What the finished pair of brackets is; None where the grammar has nothing of that form."""
        parts = [Series(tuple(part)) for part in self.parts]
        if self.opening == "(":
            return Series(("(", *_joined(parts), ")")) if len(parts) <= 2 and "|" not in self.separators else None
        if len(parts) == 1:
            return Series(("[", *parts, "]"))
        if ":" not in self.separators:
            return Alternation(tuple(parts))
        number = _number(self.parts[-1])
        if "|" in self.separators or len(parts) > 3 or number is None:
            return None
        return Switch(parts[0] if len(parts) == 3 else Series(()), parts[-2], number)


class _Reader:
    """The brackets that are open, the innermost last, inside the prompt itself."""

    def __init__(self) -> None:
        self._prompt: list[Node] = []
        self._open: list[_Bracket] = []
        self.understood = True

    def read(self, token: str) -> None:
        if token in ("(", "["):
            self._open.append(_Bracket(token))
        elif token in (")", "]"):
            self._close(token)
        elif token in (":", "|"):
            self._separate(token)
        else:
            self.understood = self.understood and token != "\\"
            self._add(token)

    def finish(self) -> Series:
        self._give_up()
        return Series(tuple(self._prompt))

    def _add(self, node: Node) -> None:
        (self._open[-1].parts[-1] if self._open else self._prompt).append(node)

    def _separate(self, token: str) -> None:
        if self._open:
            self._open[-1].separators.append(token)
            self._open[-1].parts.append([])
        else:
            self.understood = self.understood and token != "|"
            self._add(token)

    def _close(self, token: str) -> None:
        pairs = bool(self._open) and self._open[-1].opening + token in ("()", "[]")
        node = self._open[-1].closed() if pairs else None
        if node is None:
            self._give_up()
        else:
            self._open.pop()
        self._add(token if node is None else node)

    def _give_up(self) -> None:
        """The open brackets are text; what was finished inside of them stays what it is."""
        for bracket in self._open:
            self.understood = self.understood and "|" not in bracket.separators
            self._prompt += bracket.as_text()
        self._open.clear()


def _joined(parts: list[Series]) -> list[Node]:
    """One or two parts, with the colon between them."""
    return [*parts] if len(parts) == 1 else [parts[0], ":", parts[1]]


def _number(nodes: list[Node]) -> str | None:
    """The number that is all there is in the last part of a schedule."""
    match = _NUMBER.fullmatch(nodes[0]) if len(nodes) == 1 and isinstance(nodes[0], str) else None
    return match.group("number") if match else None
