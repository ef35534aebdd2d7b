"""Reads the grammar of dynamic prompts; whatever is not clearly a part of it stays text.

Braces without ``|`` or ``$$`` are text, as in the prompts of other programs and in styles (``{prompt}``); a ``|`` inside of
``[a|b]`` belongs to A1111's alternation. The work grows with the length alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

from extensions.dynamic_prompts.nodes import Assign, Choice, Mode, Node, Option, Sequence, Text, Use, Wildcard

DEEPEST = 30
"""Braces that are nested deeper stay text."""
MOST_CHOSEN = 999
LONGEST_SHOWN = 40
SIGNS = frozenset("\\{}[]_$|")
_COUNT = re.compile(r"\s*(?:(\d{1,3})|(\d{1,3})?-(\d{1,3})?)\$\$")
_SEPARATOR = re.compile(r"((?:(?!\$\$)[^|{}\[\]])*)\$\$")
_WEIGHT = re.compile(r"\s*(\d{1,6}(?:\.\d{1,6})?)::")
_OPEN_WILDCARD = re.compile(r"(?<![\w\\])__[~@]?(?=[^\W_])")
_VARIABLE = re.compile(r"\s*([A-Za-z_][\w-]{0,99})\s*(?:(=!?|:)|(?=\}))")
_WILDCARD = re.compile(r"__([~@]?)((?:(?!__)[^\s{}()\[\]<>|,:;$\\]| (?! |__|\()){1,200})(?:\(([^()\n]{0,500})\))?__")


def parse(text: str) -> Sequence:
    """The nodes of a template."""
    return _Reader(text).read(0, len(text), DEEPEST)


class _Reader:
    """Reads ranges of one text; ``closing`` leads from each bracket to the one that closes it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._closing = _matched(text)

    def read(self, start: int, end: int, depth: int) -> Sequence:
        nodes: list[Node] = []
        plain: list[str] = []
        place = start
        while place < end:
            node, after = self._node(place, end, depth)
            if node is None:
                plain.append(self._text[place:after])
            else:
                if plain:
                    nodes.append(Text("".join(plain)))
                    plain = []
                nodes.append(node)
            place = after
        return (*nodes, Text("".join(plain))) if plain else tuple(nodes)

    def lonely_braces(self) -> Iterator[int]:
        """Places of opening braces without partners."""
        place = 0
        while place < len(self._text):
            if self._text[place] == "{" and place not in self._closing:
                yield place
            place += 2 if self._text[place] == "\\" else 1

    def has_options(self, place: int) -> bool:
        """Whether what follows this brace would be alternatives, if it were closed."""
        return bool(_COUNT.match(self._text, place + 1) or self._borders(place + 1, len(self._text)))

    def _node(self, place: int, end: int, depth: int) -> tuple[Node | None, int]:
        """The node that begins here, if one does, and where it, or the text here, ends."""
        text, sign = self._text, self._text[place]
        if sign == "\\" and place + 1 < end:
            escaped = text[place + 1]
            return (Text(escaped), place + 2) if escaped in "{}" else (None, place + 2)
        if sign == "$" and depth and self._closing.get(place + 1, end) < end and text[place + 1] == "{":
            found = self._variable(place, depth)
            return (found, self._closing[place + 1] + 1) if found else (None, place + 1)
        if sign == "{" and depth and self._closing.get(place, end) < end:
            choice = self._choice(place + 1, self._closing[place], depth)
            return (choice, self._closing[place] + 1) if choice else (None, place + 1)
        if sign == "_":
            match = _WILDCARD.match(text, place, end)
            if match and not match[2].endswith(" "):
                return self._wildcard(match, depth), match.end()
        return None, place + 1

    def _choice(self, start: int, end: int, depth: int) -> Choice | None:
        """Between two braces; None where they are text."""
        text = self._text
        mode: Mode = ""
        if self._text[start] in "~@":
            start, mode = start + 1, cast("Mode", text[start])
        counted = _COUNT.match(text, start, end)
        separator = ", "
        if counted and not (counted[1] or counted[2] or counted[3]):
            counted = None
        if counted:
            start = counted.end()
            written = _SEPARATOR.match(text, start, end)
            if written:
                separator, start = written[1], written.end()
        borders = self._borders(start, end)
        if not counted and len(borders) == 0:
            return None
        edges = [start - 1, *borders, end]
        options = tuple(self._option(left + 1, right, depth - 1) for left, right in zip(edges[:-1], edges[1:], strict=True))
        return Choice(options, _count(counted, len(options)) if counted else None, separator, mode)

    def _borders(self, start: int, end: int) -> list[int]:
        """Where the options of this level are parted."""
        borders: list[int] = []
        place = start
        while place < end:
            sign = self._text[place]
            if sign == "|":
                borders.append(place)
            place = self._closing.get(place, place) + (2 if sign == "\\" else 1)
        return borders

    def _option(self, start: int, end: int, depth: int) -> Option:
        weight = _WEIGHT.match(self._text, start, end)
        return Option(float(weight[1]) if weight else 1.0, self.read(weight.end() if weight else start, end, depth))

    def _variable(self, place: int, depth: int) -> Assign | Use | None:
        end = self._closing[place + 1]
        match = _VARIABLE.match(self._text, place + 2, end + 1)
        if match is None:
            return None
        rest = self.read(match.end(), end, depth - 1)
        if match[2] and match[2].startswith("="):
            return Assign(match[1], rest, at_once=match[2] == "=!")
        return Use(match[1], self._text[place : end + 1], rest if match[2] else None)

    def _wildcard(self, match: re.Match[str], depth: int) -> Wildcard:
        pairs = (pair.partition("=") for pair in (match[3] or "").split(",") if "=" in pair)
        values = tuple((name.strip(), parse_value(value.strip(), depth)) for name, _, value in pairs)
        return Wildcard(match[2], match[0], cast("Mode", match[1]), values)


def unclosed(text: str) -> list[str]:
    """Where alternatives or a wildcard begin and nothing closes them: the text from there on, cut."""
    reader = _Reader(text)
    starts = [place for place in reader.lonely_braces() if reader.has_options(place)]
    closed = _WILDCARD.sub(lambda match: " " * len(match[0]), text)
    starts += [match.start() for match in _OPEN_WILDCARD.finditer(closed)]
    return [text[place:].split("\n")[0][:LONGEST_SHOWN] for place in sorted(starts)]


def split_weight(text: str) -> tuple[float, str]:
    """Weight and template of a line of a wildcard, ``3::text``; 1 where it says none."""
    weight = _WEIGHT.match(text)
    return (float(weight[1]), text[weight.end() :]) if weight else (1.0, text)


def parse_value(text: str, depth: int) -> Sequence:
    """A text that is handed to a wildcard."""
    return _Reader(text).read(0, len(text), max(0, depth - 1))


def _count(match: re.Match[str], options: int) -> tuple[int, int]:
    """How many at least and at most; ``-3`` is one to three, ``2-`` two or more."""
    if match[1]:
        return int(match[1]), int(match[1])
    low, high = int(match[2] or 1), int(match[3]) if match[3] else max(options, MOST_CHOSEN)
    return (low, high) if low <= high else (high, low)


def _matched(text: str) -> dict[int, int]:
    """Places of closing braces and square brackets by those of the opening ones; what has no partner is missing."""
    closing: dict[int, int] = {}
    waiting: list[int] = []
    place, length = 0, len(text)
    braces = 0
    while place < length:
        sign = text[place]
        if sign in "{[":
            waiting.append(place)
            braces += sign == "{"
        elif sign == "}" and braces:
            while text[waiting[-1]] != "{":
                waiting.pop()
            closing[waiting.pop()] = place
            braces -= 1
        elif sign == "]" and waiting and text[waiting[-1]] == "[":
            closing[waiting.pop()] = place
        place += 2 if sign == "\\" else 1
    return closing
