"""The texts inside picture files: PNG text, EXIF user comment, GIF comment."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo

logger = logging.getLogger(__name__)

INFOTEXT = "parameters"
NETWORKS = "networks"
"""PNG text, JSON: what became of each file beside the checkpoint."""
EXIF_USER_COMMENT = "exif_user_comment"
GIF_COMMENT = "gif_comment"

BIG_ENDIAN = ">"
EXIF_TEXTS = {
    "exif_make": ExifTags.Base.Make,
    "exif_model": ExifTags.Base.Model,
    "exif_software": ExifTags.Base.Software,
    "exif_image_description": ExifTags.Base.ImageDescription,
    "exif_maker_note": ExifTags.Base.MakerNote,
}
"""Other EXIF tags in which programs keep texts."""
_UNICODE = b"UNICODE\0"
_CODES = {b"ASCII\0\0\0": "utf-8", b"JIS\0\0\0\0\0": "shift_jis", bytes(8): "utf-8"}
_MAX_JPEG_EXIF_BYTES = 65_000


def read_chunks(image: Image.Image) -> dict[str, str]:
    """Texts of a loaded picture by name: the keys of PNG text, ``exif_user_comment``, those of EXIF_TEXTS, and ``gif_comment``."""
    chunks = {str(key): str(value) for key, value in image.info.items() if isinstance(value, str)}
    exif = image.getexif()
    tags = {**dict(exif), **exif.get_ifd(ExifTags.IFD.Exif)}
    comment = tags.get(ExifTags.Base.UserComment)
    if isinstance(comment, bytes | str) and comment:
        big = exif.endian == BIG_ENDIAN
        chunks[EXIF_USER_COMMENT] = decode_user_comment(comment, big_endian=big) if isinstance(comment, bytes) else comment
    for name, tag in EXIF_TEXTS.items():
        text = tags.get(tag)
        if isinstance(text, bytes | str) and text:
            chunks[name] = text.decode("utf-8", "ignore") if isinstance(text, bytes) else text
    if image.format == "GIF" and isinstance(image.info.get("comment"), bytes):
        chunks[GIF_COMMENT] = image.info["comment"].decode("utf-8", "ignore")
    return chunks


def decode_user_comment(comment: bytes, *, big_endian: bool = False) -> str:
    """Text of an EXIF user comment: eight bytes name its encoding; without them it is taken for UTF-8.

    ``big_endian``: the numbers of the file are, and then its two-byte characters are too; in other files they may be either way.
    """
    code, text = comment[:8], comment[8:]
    if code == _UNICODE:
        return text.decode("utf-16-le" if not big_endian and _looks_little_endian(text) else "utf-16-be", "replace")
    if code in _CODES:
        return text.decode(_CODES[code], "replace")
    return comment.decode("utf-8", "ignore")


def _looks_little_endian(text: bytes) -> bool:
    """EXIF leaves the byte order open; Latin text has its zeros in the high bytes."""
    return text[1::2].count(0) > text[0::2].count(0)


def save_arguments(file_format: str, infotext: str, extra: Mapping[str, str] | None = None) -> dict[str, object]:
    """Arguments of Pillow's ``save`` that write an infotext into a file of this format (Pillow's name: PNG, JPEG, WEBP, AVIF, GIF).

    ``extra`` are further PNG texts. A text that no JPEG can hold is left out, with a warning in the log.
    """
    if file_format == "PNG":
        return {"pnginfo": _png_info({INFOTEXT: infotext} | dict(extra or {}))}
    if not infotext:
        return {}
    if file_format == "GIF":
        return {"comment": infotext.encode("utf-8")}
    exif = _exif_bytes(_UNICODE + infotext.encode("utf-16-be", "replace"))
    if file_format == "JPEG" and len(exif) > _MAX_JPEG_EXIF_BYTES:
        exif = _exif_bytes(infotext.encode("utf-8", "replace"))
        if len(exif) > _MAX_JPEG_EXIF_BYTES:
            logger.warning("The infotext has %d characters: too long for a JPEG file, it is left out. Save as PNG.", len(infotext))
            return {}
    return {"exif": exif}


def _png_info(texts: Mapping[str, str]) -> PngInfo:
    info = PngInfo()
    for key, text in texts.items():
        if text:
            info.add_text(key, text.encode("utf-8", "replace").decode("utf-8"))
    return info


def _exif_bytes(user_comment: bytes) -> bytes:
    exif = Image.Exif()
    exif.endian = BIG_ENDIAN
    exif[ExifTags.IFD.Exif] = {ExifTags.Base.UserComment: user_comment}
    return exif.tobytes()
