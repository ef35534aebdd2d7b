"""Turns NovelAI's weights of words (``{stronger}``, ``[weaker]``) into A1111's."""

from __future__ import annotations

import re
from decimal import Decimal

from extensions.a1111_infotext.api import WeightedText

STEP = Decimal("1.05")
ENDS = {"{": "}", "[": "]"}
WEIGHTS = {"}": STEP, "]": 1 / STEP}
_TOKEN = re.compile(r"\\[()\[\]\\]|[^\\()\[\]{}]+|.", re.DOTALL)


def with_a1111_weights(prompt: str) -> str:
    """The prompt with the same weights in A1111's notation: braces are 1.05, brackets 1/1.05; round brackets mean themselves.

    A group that nothing ends lasts until the end; an end without a beginning is left out.
    """
    written, expected = WeightedText(), list[str]()
    for token in _TOKEN.findall(prompt):
        if token in ENDS:
            expected.append(ENDS[token])
            written.begin()
        elif token not in WEIGHTS:
            written.literal(token)
        elif expected and expected[-1] == token:
            written.end(WEIGHTS[expected.pop()])
    while expected:
        written.end(WEIGHTS[expected.pop()])
    return str(written)
