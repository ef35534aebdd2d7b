"""Reads the attention grammar of prompts, ``(a:1.2) [b]``, into texts with weights."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from itertools import accumulate

from app.errors import UserError

BREAK = "BREAK"
BREAK_WEIGHT = -1.0
ROUND_FACTOR = 1.1
SQUARE_FACTOR = 1 / 1.1

HEAVIEST = 1e30
"""Weights beyond it count as this, so that a text encoder's output stays finite in float32."""

WeightedText = tuple[str, float]

_TOKEN = re.compile(r"\\[()\[\]\\]|\\|[()\[\]]|:\s*(?P<number>[+-]?[.\d]+)\s*\)|[^\\()\[\]:]+|:")
_BREAK_WORD = re.compile(r"\bBREAK\b")

_EXACT_BUDGET = 1_000_000
"""Multiplications up to which weights are formed in the order in which the brackets close; any prompt typed by hand stays far below."""


@dataclass
class _Pieces:
    """The pieces read so far and the brackets around them: ``factors`` holds (first piece, end, factor) in closing order."""

    texts: list[str] = field(default_factory=list)
    is_break: list[bool] = field(default_factory=list)
    open_round: list[int] = field(default_factory=list)
    open_square: list[int] = field(default_factory=list)
    factors: list[tuple[int, int, float]] = field(default_factory=list)

    def add(self, text: str, is_break: bool = False) -> None:
        self.texts.append(text)
        self.is_break.append(is_break)

    def close(self, first: int, factor: float) -> None:
        self.factors.append((first, len(self.texts), factor))

    def add_text(self, text: str) -> None:
        """Add plain text; the word BREAK in it becomes a piece of its own and loses the blanks around it."""
        parts = _BREAK_WORD.split(text)
        last = len(parts) - 1
        for index, part in enumerate(parts):
            if index:
                self.add(BREAK, is_break=True)
                part = part.lstrip()
            self.add(part.rstrip() if index < last else part)


def parse_attention(text: str) -> list[WeightedText]:
    """Split a prompt into (text, weight); the word BREAK outside brackets becomes ``("BREAK", -1.0)``.

    ``(a)`` multiplies by 1.1, ``[a]`` divides by it, ``(a:1.3)`` multiplies by the number; a backslash makes a bracket literal and
    vanishes elsewhere. Unclosed brackets last to the end, stray ones are text. Weights stay within ``HEAVIEST``. The only error is a
    number that is none, as in ``(a:1.2.3)``: UserError.
    """
    pieces = _Pieces()
    for match in _TOKEN.finditer(text):
        _read_token(match, pieces)
    for first in pieces.open_round:
        pieces.close(first, ROUND_FACTOR)
    for first in pieces.open_square:
        pieces.close(first, SQUARE_FACTOR)
    if not pieces.texts:
        return [("", 1.0)]
    return _merge_equal(pieces.texts, _weights(pieces))


def _read_token(match: re.Match[str], pieces: _Pieces) -> None:
    token, number = match.group(), match.group("number")
    if token[0] == "\\":
        pieces.add(token[1:])
    elif token == "(":
        pieces.open_round.append(len(pieces.texts))
    elif token == "[":
        pieces.open_square.append(len(pieces.texts))
    elif number is not None and pieces.open_round:
        pieces.close(pieces.open_round.pop(), _number(number, token))
    elif token == ")" and pieces.open_round:
        pieces.close(pieces.open_round.pop(), ROUND_FACTOR)
    elif token == "]" and pieces.open_square:
        pieces.close(pieces.open_square.pop(), SQUARE_FACTOR)
    else:
        pieces.add_text(token)


def _number(digits: str, token: str) -> float:
    try:
        return _finite(float(digits))
    except ValueError:
        raise UserError(
            f'"{token}" in the prompt is not a weight: "{digits}" is not a number.',
            hint="Write it like (word:1.2), or put a backslash before the brackets to have them as text.",
            field="prompt",
        ) from None


def _weights(pieces: _Pieces) -> list[float]:
    start = [BREAK_WEIGHT if is_break else 1.0 for is_break in pieces.is_break]
    if sum(end - first for first, end, _ in pieces.factors) > _EXACT_BUDGET:
        return _weights_by_logarithms(start, pieces.factors)
    for first, end, factor in pieces.factors:
        for index in range(first, end):
            start[index] = _finite(start[index] * factor)
    return start


def _weights_by_logarithms(start: list[float], factors: list[tuple[int, int, float]]) -> list[float]:
    """The same products in linear time, for texts of absurd nesting; correct to about nine digits."""
    count = len(start) + 1
    logarithms, negatives, zeros = [0.0] * count, [0] * count, [0] * count
    for first, end, factor in factors:
        for index, sign in ((first, 1), (end, -1)):
            logarithms[index] += sign * (math.log(abs(factor)) if factor else 0.0)
            negatives[index] += sign * (factor < 0)
            zeros[index] += sign * (factor == 0)
    sums = zip(start, accumulate(logarithms), accumulate(negatives), accumulate(zeros), strict=False)
    return [0.0 if zero else _finite(weight * _exp(logarithm) * (-1.0) ** negative) for weight, logarithm, negative, zero in sums]


def _exp(logarithm: float) -> float:
    return math.inf if logarithm > 709.0 else math.exp(logarithm)


def _finite(weight: float) -> float:
    return max(-HEAVIEST, min(HEAVIEST, weight))


def _merge_equal(texts: list[str], weights: list[float]) -> list[WeightedText]:
    """Join neighbours of one weight."""
    merged: list[WeightedText] = []
    first = 0
    for index in range(1, len(texts) + 1):
        if index == len(texts) or weights[index] != weights[first]:
            merged.append(("".join(texts[first:index]), weights[first]))
            first = index
    return merged
