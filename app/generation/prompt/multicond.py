"""Splits a prompt into its parts: ``a :1.2 AND b :0.5``, each with a weight of its own."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

_AND = re.compile(r"\bAND\b")
_WEIGHT = re.compile(r"\s*[-+]?(?:\d+\.?|\d*\.\d+)")


@dataclass(frozen=True)
class PromptPart:
    """A text that guides on its own, and how much it counts."""

    text: str
    weight: float


def split_parts(prompt: str) -> tuple[PromptPart, ...]:
    """The parts in order, at least one; a number after the last colon is the weight, of a single part too.

    Blanks at the end of a part are dropped, those at its start are kept. What is no finite number is text.
    """
    return tuple(_part(text) for text in _AND.split(prompt))


def _part(text: str) -> PromptPart:
    text = text.rstrip()
    before, colon, number = text.rpartition(":")
    if colon and _WEIGHT.fullmatch(number) and math.isfinite(float(number)):
        return PromptPart(before.rstrip(), float(number))
    return PromptPart(text, 1.0)
