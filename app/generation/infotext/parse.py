"""Reads an infotext into its fields; what absent fields mean is not decided here."""

from __future__ import annotations

import re

from app.generation.infotext.quoting import unquote

PROMPT = "Prompt"
NEGATIVE_PROMPT = "Negative prompt"

_RUN = re.compile(r"[\w \-/]++(:?)")
_KEY = re.compile(r"\w[\w \-/]+")
_VALUE = re.compile(r'\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)')
_SIZE = re.compile(r"(\d+)x(\d+)")
_LEAST_FIELDS = 3


def parse(infotext: str) -> dict[str, str]:
    """Fields of an infotext, with the texts under "Prompt" and "Negative prompt".

    The last line holds the fields if there are at least three in it, else it belongs to the prompt. Lines from one that begins with
    "Negative prompt:" on are negative. A value of the form 512x768 becomes two fields, ``<key>-1`` and ``<key>-2``; an empty one none.
    """
    *lines, last = infotext.strip().split("\n")
    found = _find_fields(last)
    if len(found) < _LEAST_FIELDS:
        lines, found = [*lines, last], []
    fields: dict[str, str] = {}
    for key, value in found:
        _add_field(fields, key, value)
    fields[PROMPT], fields[NEGATIVE_PROMPT] = _split_prompts(lines)
    return fields


def _find_fields(line: str) -> list[tuple[str, str]]:
    """The ``key: value`` pairs of a line, values still quoted; a key has two or more of word characters, blanks, ``-`` and ``/``."""
    found: list[tuple[str, str]] = []
    end = 0
    while run := _RUN.search(line, end):
        end = run.end()
        key = _KEY.search(line, *run.span()) if run.group(1) else None
        if key and (value := _VALUE.match(line, end)):
            found.append((key.group(), value.group(1)))
            end = value.end()
    return found


def _add_field(fields: dict[str, str], key: str, value: str) -> None:
    if not value:
        return
    text = unquote(value)
    size = _SIZE.match(text)
    if size and size.end() == len(text.removesuffix("\n")):
        fields[f"{key}-1"], fields[f"{key}-2"] = size.groups()
    else:
        fields[key] = text


def _split_prompts(lines: list[str]) -> tuple[str, str]:
    """The two prompts; blank lines at the beginning of either vanish, all others are kept."""
    positive = negative = ""
    is_negative = False
    heading = NEGATIVE_PROMPT + ":"
    for line in (line.strip() for line in lines):
        if line.startswith(heading):
            is_negative = True
            line = line.removeprefix(heading).strip()
        if is_negative:
            negative = f"{negative}\n{line}" if negative else line
        else:
            positive = f"{positive}\n{line}" if positive else line
    return positive, negative
