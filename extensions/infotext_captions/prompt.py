"""The prompt of an infotext as plain words."""

from __future__ import annotations

import re

from app.api import Run, parse_attention, parse_infotext
from extensions.interrogation.api import Shown

_TAGS = re.compile(r"<[\w-]+:[^<>]*>")
_PARTS = re.compile(r"\s*,\s*(?:,\s*)*")
BREAK = "BREAK"


def prompt_of(shown: Shown, run: Run) -> str:
    """The words of the prompt, without what steers the drawing; "" for a picture without one."""
    return plain_words(parse_infotext(shown.infotext).get("Prompt", "")) if shown.infotext else ""


def plain_words(prompt: str) -> str:
    """A prompt without networks' tags, brackets, weights and breaks."""
    texts = [" " if text == BREAK else text for text, _ in parse_attention(_TAGS.sub("", prompt))]
    return _PARTS.sub(", ", " ".join("".join(texts).split())).strip(", ")
