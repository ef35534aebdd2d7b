"""Which text of a prompt guides which model calls: scheduling ``[a:b:0.5]`` and alternation ``[a|b]`` on the timeline of a pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.generation.prompt.grammar import Alternation, Node, Series, Switch, parse_prompt


@dataclass(frozen=True)
class Timeline:
    """The model calls that a sampler is expected to make in a pass.

    ``earlier_calls``: those of the first pass, for the passes after it: shares count from 1 there, and whole numbers go on from where the
    first pass ended. ``old``: the rule of A1111 before 1.6: numbers below 1 are shares, and all passes have the first one's timeline.
    """

    calls: int
    earlier_calls: int | None = None
    old: bool = False

    @property
    def length(self) -> int:
        """The end of the timeline."""
        return self.earlier_calls if self.old and self.earlier_calls is not None else self.calls

    def call_of(self, number: str) -> int:
        """The call that a number in a prompt names, at most the last one; below 1: before the pass begins."""
        value, offset = float(number), self.earlier_calls or 0
        if self.old:
            call = value * self.length if value < 1 else value
        elif "." in number:
            call = (value - (self.earlier_calls is not None)) * self.length
        else:
            call = value - offset
        return int(max(-1.0, min(call, float(self.length))))


@dataclass(frozen=True)
class ScheduledText:
    """A prompt's text up to and including the model call ``end_at_step``, which counts from 0."""

    end_at_step: int
    text: str


def prompt_schedule(prompt: str, timeline: Timeline) -> tuple[ScheduledText, ...]:
    """The texts of a prompt in order of their ends; one text where nothing is scheduled.

    Equal neighbours stay apart. Every input has an answer; the time is linear in the prompt's length for each text.
    """
    tree = parse_prompt(prompt)
    return tuple(ScheduledText(end, _text_at(tree, end, timeline)) for end in sorted(_ends(tree, timeline)))


def _ends(tree: Series, timeline: Timeline) -> set[int]:
    """The calls at which the text may change, and the last one."""
    ends = {timeline.length}
    for node in _every_node(tree):
        if isinstance(node, Switch):
            ends.add(timeline.call_of(node.when))
        elif isinstance(node, Alternation):
            ends.update(range(1, timeline.length + 1))
    return {end for end in ends if end >= 1} or {timeline.length}


def _every_node(tree: Series) -> Iterator[Node]:
    waiting: list[Node] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, Series):
            waiting.extend(node.nodes)
        elif isinstance(node, Switch):
            waiting.extend((node.before, node.after))
        elif isinstance(node, Alternation):
            waiting.extend(node.options)


def _text_at(tree: Series, call: int, timeline: Timeline) -> str:
    """The text for one call, counted from 1."""
    texts: list[str] = []
    waiting: list[Node] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            texts.append(node)
        elif isinstance(node, Series):
            waiting.extend(reversed(node.nodes))
        elif isinstance(node, Switch):
            waiting.append(node.before if call <= timeline.call_of(node.when) else node.after)
        else:
            waiting.append(node.options[(call - 1) % len(node.options)])
    return "".join(texts)
