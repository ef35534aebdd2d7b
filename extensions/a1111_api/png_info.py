"""Reads the generation parameters out of a picture sent as base64."""

from __future__ import annotations

from app.api import EXIF_USER_COMMENT, GIF_COMMENT, INFOTEXT, Host, Json, open_image, sent_picture, understand_metadata
from extensions.a1111_api.infotext_field import read_fields

PLACES = (INFOTEXT, EXIF_USER_COMMENT, GIF_COMMENT)
EXIF = "exif_"


def png_info(text: str, host: Host) -> dict[str, Json]:
    """The infotext, the picture's other texts, and the infotext's fields."""
    picture = open_image(sent_picture(text, host.settings), "The image")
    reading = understand_metadata(picture.metadata, host)
    infotext = reading.infotext if reading else ""
    items: dict[str, Json] = {key: value for key, value in picture.chunks.items() if key not in PLACES and not key.startswith(EXIF)}
    fields = read_fields(infotext, host)
    parameters: dict[str, Json] = {key: list[Json](value) if isinstance(value, list) else value for key, value in fields.items()}
    return {"info": infotext, "items": items, "parameters": parameters}
