"""What a dropped file says: the metadata of a picture in A1111's form, or a short text as it is."""

from __future__ import annotations

import mimetypes
from pathlib import PurePath
from typing import TYPE_CHECKING

from app.api import MetadataReading, UserError, open_image, understand_metadata

if TYPE_CHECKING:
    from app.api import Host

LONGEST_TEXT = 10_000
"""Characters; a longer text is hardly a prompt."""


def read_dropped(data: bytes, name: str, host: Host, *, kind: str = "") -> MetadataReading:
    """The reading of a picture or text file; raises UserError that names a file without generation parameters.

    ``kind`` is the media type that the sender says it has. What calls itself a picture is one or is refused, whatever stands in it.
    """
    text = _plain_text(data) if _may_be_text(name, kind) else None
    if text is not None:
        return MetadataReading(text)
    picture = open_image(data, name)
    reading = understand_metadata(picture.metadata, host)
    if reading is None or not reading.infotext:
        raise UserError(f"{name or 'The picture'} has no generation parameters that can be read.", hint="Drop another one.")
    return reading


def _may_be_text(name: str, kind: str) -> bool:
    """Whether it calls itself a text, or nothing at all."""
    guessed = mimetypes.guess_type(name)[0] or ""
    return not kind.startswith("image/") and (not PurePath(name).suffix or guessed.startswith("text/"))


def _plain_text(data: bytes) -> str | None:
    """The text of a text file; None for pictures and for what is too long."""
    if len(data) > 4 * LONGEST_TEXT or b"\0" in data:
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return text if len(text) < LONGEST_TEXT else None
