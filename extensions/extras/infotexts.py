"""The infotexts of sources and of what is made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.api import EXIF_USER_COMMENT, GIF_COMMENT, INFOTEXT, OpenedImage, format_infotext, parse_infotext, understand_metadata
from extensions.extras.api import Facts

if TYPE_CHECKING:
    from app.api import Host

PLACES = (EXIF_USER_COMMENT, INFOTEXT, GIF_COMMENT)
EXIF = "exif_"


def infotext_of(opened: OpenedImage, host: Host) -> str:
    """What the file says of how it was drawn: as it stands there, else as an installed extension understands other programs' words."""
    written = _written(opened)
    if written:
        return written
    reading = understand_metadata(opened.metadata, host)
    return reading.infotext if reading else ""


def texts_of(opened: OpenedImage) -> dict[str, str]:
    """The file's texts by the names of PNG texts; an infotext of another format stands where PNG files have theirs."""
    texts = {name: text for name, text in opened.chunks.items() if name not in PLACES and not name.startswith(EXIF)}
    written = _written(opened)
    return {**texts, **({INFOTEXT: written} if written else {})}


def _written(opened: OpenedImage) -> str:
    return next((text for place in PLACES if (text := opened.chunks.get(place))), "")


def facts_text(facts: Facts) -> str:
    """``Postprocess upscale by: 4, Postprocess upscaler: Lanczos``."""
    return format_infotext("", "", facts)


def with_facts(infotext: str, facts: Facts) -> str:
    """The infotext with further items in its last line."""
    added = facts_text(facts)
    if not infotext or not added:
        return infotext or added
    has_items = len(parse_infotext(infotext)) > len(parse_infotext(""))
    return f"{infotext.rstrip()}{', ' if has_items else chr(10)}{added}"
