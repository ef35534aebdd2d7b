"""Turns InvokeAI's weights of words (``word++``, ``(two words)-``, ``(word)1.2``) into A1111's."""

from __future__ import annotations

import re
from decimal import Decimal

from extensions.a1111_infotext.api import WeightedText

STRONGER, WEAKER = Decimal("1.1"), Decimal("0.9")
MOST_SIGNS = 100
_TOKEN = re.compile(
    r"""
    (?P<escaped>\\[()\[\]\\"])
    | (?P<word>[^\s,()\[\]\\"]*?[^\s,()\[\]\\"+-]) (?P<signs>\++|-+) (?=[\s,()"]|$)
    | (?P<bracket>[()]) (?P<behind>(?<=\))(?:\++|-+|(?:\d+\.?\d*|\.\d+)(?![\w.]*\w)))?
    | (?P<plain>\s+|[^\s,()\[\]\\"]+|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_FUNCTION = re.compile(r"\.(?:swap|blend|and)\(")


def has_functions(prompt: str) -> bool:
    """Whether it asks for swaps, blends or joined prompts, which have no counterpart."""
    return _FUNCTION.search(prompt) is not None


def with_a1111_weights(prompt: str) -> str:
    """The prompt with the same weights in A1111's notation: each ``+`` is 1.1, each ``-`` 0.9; a bare group has the weight 1.

    Brackets that stand for themselves get a backslash; those without a counterpart stand for themselves.
    """
    tokens = list(_TOKEN.finditer(prompt))
    written, paired = WeightedText(), _paired(tokens)
    for number, token in enumerate(tokens):
        if token["escaped"]:
            written.add('"' if token["escaped"] == '\\"' else token["escaped"])
        elif token["word"]:
            written.add(token["word"], _weight(token["signs"]))
        elif token["plain"]:
            written.literal(token["plain"])
        elif number not in paired:
            written.literal(token["bracket"])
            written.add(token["behind"] or "")
        elif token["bracket"] == "(":
            written.begin()
        else:
            written.end(_weight(token["behind"] or ""))
    return str(written)


def _paired(tokens: list[re.Match[str]]) -> set[int]:
    """Places of the brackets that have a counterpart."""
    paired: set[int] = set()
    waiting: list[int] = []
    for number, token in enumerate(tokens):
        if token["bracket"] == "(":
            waiting.append(number)
        elif token["bracket"] and waiting:
            paired |= {waiting.pop(), number}
    return paired


def _weight(behind: str) -> Decimal:
    """What stands behind a word or group: signs, a number, nothing."""
    if behind[:1] in ("+", "-") and behind:
        return (STRONGER if behind[0] == "+" else WEAKER) ** min(len(behind), MOST_SIGNS)
    return Decimal(behind or 1)
