"""Pictures -> bytes of a file with the infotext inside."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO

from PIL import Image

from app.errors import UserError
from app.generation.images.metadata import save_arguments

FORMATS = {"png": "PNG", "jpg": "JPEG", "jpeg": "JPEG", "webp": "WEBP", "avif": "AVIF"}
OPAQUE = frozenset({"JPEG"})


def encode_image(
    image: Image.Image,
    suffix: str,
    infotext: str,
    *,
    quality: int = 80,
    lossless: bool = False,
    extra: Mapping[str, str] | None = None,
) -> bytes:
    """The picture as a file of this suffix (without dot); ``quality`` 1..100 and ``lossless`` for formats that know them.

    ``extra`` are further texts, which only PNG holds.

    Raises UserError for a format that cannot be written.
    """
    file_format = FORMATS.get(suffix.lower())
    if file_format is None:
        raise UserError(f"Pictures cannot be saved as {suffix!r}.", hint=f"Use one of: {', '.join(FORMATS)}.", field="samples_format")
    arguments = save_arguments(file_format, infotext, extra)
    if file_format != "PNG":
        arguments["quality"] = quality
    if file_format == "WEBP":
        arguments["lossless"] = lossless
    stream = BytesIO()
    (image.convert("RGB") if file_format in OPAQUE else image).save(stream, file_format, **arguments)
    return stream.getvalue()
