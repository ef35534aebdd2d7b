"""Reads the generation parameters out of a picture sent as base64."""

from __future__ import annotations

import base64
import binascii

from app.api import EXIF_USER_COMMENT, GIF_COMMENT, INFOTEXT, Host, Json, UserError, open_image, understand_metadata
from extensions.a1111_api.fetching import fetch_picture, is_address
from extensions.a1111_api.infotext_field import read_fields

PLACES = (INFOTEXT, EXIF_USER_COMMENT, GIF_COMMENT)
EXIF = "exif_"


def png_info(text: str, host: Host) -> dict[str, Json]:
    """The infotext, the picture's other texts, and the infotext's fields."""
    picture = open_image(decode_image(text, host), "The image")
    reading = understand_metadata(picture.metadata, host)
    infotext = reading.infotext if reading else ""
    items: dict[str, Json] = {key: value for key, value in picture.chunks.items() if key not in PLACES and not key.startswith(EXIF)}
    fields = read_fields(infotext, host)
    parameters: dict[str, Json] = {key: list[Json](value) if isinstance(value, list) else value for key, value in fields.items()}
    return {"info": infotext, "items": items, "parameters": parameters}


def decode_image(text: str, host: Host) -> bytes:
    """Bytes of bare base64, of a data: address, or of an address on the network where the settings allow it."""
    text = text.strip()
    if is_address(text):
        return fetch_picture(text, host)
    if text.startswith("data:"):
        _, _, text = text.partition(";base64,")
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not data:
        raise UserError("Invalid encoded image.", hint="Send the file as base64, or as a data: address.", field="image")
    return data
