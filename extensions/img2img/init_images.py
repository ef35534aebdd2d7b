"""Keeps the pictures that a job starts from beside its results, as they were given."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from app.api import EXIF_USER_COMMENT, GIF_COMMENT, INFOTEXT, OpenedImage, Run, write_atomically
from extensions.img2img.prepare import Given, flatten

PNG_MODES = frozenset({"1", "L", "LA", "P", "RGB", "RGBA"})
WITH_ALPHA = frozenset({"PA", "La", "RGBa"})
FILE_TEXTS = "exif_"
"""Begins the names of texts that tell of a camera or of how a file was made."""


def save_init_images(given: Given, folder: Path, run: Run) -> None:
    """Save each picture once under the checksum of its pixels; a comment tells where that cannot be."""
    for checksum, opened in dict(zip(given.md5s, given.opened, strict=True)).items():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write_atomically(folder / f"{checksum}.png", png_of(opened))
        except OSError as error:
            run.comment(f"The picture to start from could not be saved in {folder} ({error.strerror or error}).")


def png_of(opened: OpenedImage) -> bytes:
    """The picture as a PNG file: its transparency, its depth where PNG has it, its infotext and its other texts."""
    data = BytesIO()
    _in_png_mode(opened.image).save(data, "PNG", pnginfo=_texts(opened.chunks))
    return data.getvalue()


def _in_png_mode(image: Image.Image) -> Image.Image:
    if image.mode in PNG_MODES:
        return image
    if image.mode == "I":
        return image.convert("I;16")
    return image.convert("RGBA") if image.mode in WITH_ALPHA else flatten(image, "#ffffff")


def _texts(chunks: dict[str, str]) -> PngInfo:
    """PNG texts; the infotexts of other formats stand where PNG files have theirs."""
    info = PngInfo()
    infotext = chunks.get(EXIF_USER_COMMENT) or chunks.get(INFOTEXT) or chunks.get(GIF_COMMENT)
    others = {name: text for name, text in chunks.items() if name != GIF_COMMENT and not name.startswith(FILE_TEXTS)}
    for name, text in {**others, **({INFOTEXT: infotext} if infotext else {})}.items():
        info.add_itxt(name, text.encode("utf-8", "replace").decode("utf-8"))
    return info
