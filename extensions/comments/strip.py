"""Takes comments out of a prompt."""

from __future__ import annotations

import re

_WHOLE_LINE = re.compile(r"(?:^|\n)#[^\n]*(?:\n|$)")
_REST_OF_LINE = re.compile(r"#[^\n]*(?:\n|$)")


def strip_comments(prompt: str) -> str:
    """The prompt without what stands between # and the end of the line; a line break stays in its place."""
    return _REST_OF_LINE.sub("\n", _WHOLE_LINE.sub("\n", prompt))
