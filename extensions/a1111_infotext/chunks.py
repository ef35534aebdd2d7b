"""Finds the infotext among the text chunks of a picture."""

from __future__ import annotations

from collections.abc import Mapping

PLACES = ("exif_user_comment", "parameters", "gif_comment")
"""Where A1111 writes it, the first that is there wins: EXIF over PNG text over a GIF's comment."""


def find_infotext(chunks: Mapping[str, str]) -> str | None:
    """The picture's infotext; None when it has none."""
    return next((chunks[place] for place in PLACES if place in chunks), None)
