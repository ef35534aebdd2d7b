"""Quotes the values of an infotext so that commas, colons and line ends in them survive."""

from __future__ import annotations

import json

_SPECIAL = (",", "\n", ":")


def quote(value: object) -> object:
    """The value as it is, or as a JSON string if its text contains a comma, a colon or a line end."""
    if not any(character in str(value) for character in _SPECIAL):
        return value
    return json.dumps(value if isinstance(value, str) else str(value), ensure_ascii=False)


def unquote(text: str) -> str:
    """The content of a JSON string; any other text as it is."""
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        return text
    try:
        content = json.loads(text)
    except ValueError:
        return text
    return str(content)
