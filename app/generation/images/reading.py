"""Opens pictures that come from outside: by content and not by name, within limits, upright."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from app.errors import UserError
from app.generation.images.metadata import read_chunks

FORMATS = ("PNG", "JPEG", "WEBP", "AVIF", "GIF", "BMP", "TIFF")
MAX_PIXELS = 178_956_970
"""Larger pictures are refused unread; it is also where Pillow stops."""

_BROKEN = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    MemoryError,
    OverflowError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    NotImplementedError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)
"""What Pillow's decoders raise for damaged files."""


@dataclass(frozen=True)
class OpenedImage:
    """A picture, turned upright, with the texts that its file holds (see ``read_chunks``)."""

    image: Image.Image
    chunks: dict[str, str]

    @property
    def metadata(self) -> dict[str, str]:
        """What the hook ``read_metadata`` gets: the texts, and ``image_size`` like "512x768"."""
        return self.chunks | {"image_size": f"{self.image.width}x{self.image.height}"}


def open_image(source: bytes | Path, name: str = "") -> OpenedImage:
    """Open a picture fully; of an animation the first frame. Raises UserError that names the file and what is wrong with it."""
    label = name or (source.name if isinstance(source, Path) else "The image")
    try:
        with Image.open(BytesIO(source) if isinstance(source, bytes) else source, formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise _refused(label, f"{image.width}x{image.height} is more than {MAX_PIXELS:,} pixels")
            image.load()
            chunks = read_chunks(image)
            return OpenedImage(_plain(ImageOps.exif_transpose(image)), chunks)
    except UnidentifiedImageError as error:
        raise _refused(label, "it is no picture in a known format") from error
    except _BROKEN as error:
        raise _refused(label, str(error) or type(error).__name__) from error


def _plain(image: Image.Image) -> Image.Image:
    """Transparent palettes become alpha, 16-bit grey becomes 32-bit grey."""
    if image.mode == "P" and "transparency" in image.info:
        return image.convert("RGBA")
    return image.convert("I") if image.mode.startswith("I;16") else image


def _refused(label: str, reason: str) -> UserError:
    return UserError(
        f"{label} cannot be opened as a picture: {reason.rstrip('.')}.",
        hint="Use a PNG, JPEG, WebP, AVIF, GIF, BMP or TIFF file.",
        field="image",
    )
