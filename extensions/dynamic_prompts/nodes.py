"""What a template consists of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

from extensions.dynamic_prompts.weights import Weights

Mode: TypeAlias = Literal["", "~", "@"]
"""How one is chosen: "" and "~" at random, "@" one after the other, by the number of the picture."""


@dataclass(frozen=True)
class Text:
    """Stays as it is."""

    text: str


@dataclass(frozen=True)
class Option:
    """One of several, with the weight of its chance."""

    weight: float
    parts: Sequence


@dataclass(frozen=True)
class Choice:
    """``{a|b}`` (``count`` None) or ``{2-3$$, $$a|b}``: that many of the options, joined by ``separator``."""

    options: tuple[Option, ...]
    count: tuple[int, int] | None = None
    separator: str = ", "
    mode: Mode = ""

    @cached_property
    def weights(self) -> Weights:
        """Of the options."""
        return Weights(option.weight for option in self.options)


@dataclass(frozen=True)
class Wildcard:
    """``__name__``, or ``__name(variable=text)__``; ``source`` is what was written."""

    name: str
    source: str
    mode: Mode = ""
    values: tuple[tuple[str, Sequence], ...] = ()


@dataclass(frozen=True)
class Assign:
    """``${name=text}``; ``at_once`` (``=!``): chosen here and the same wherever it is used."""

    name: str
    parts: Sequence
    at_once: bool


@dataclass(frozen=True)
class Use:
    """``${name}`` or ``${name:text}``, where the text counts while nothing was assigned."""

    name: str
    source: str
    default: Sequence | None = None


Node: TypeAlias = Text | Choice | Wildcard | Assign | Use
Sequence: TypeAlias = "tuple[Node, ...]"
