"""What a picture's file says, in a form that can be read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from app.api import EXIF_USER_COMMENT, GIF_COMMENT, INFOTEXT, Value, open_image, parse_infotext, understand_metadata

if TYPE_CHECKING:
    from app.api import Host

LONGEST_SHOWN = 200_000
"""Characters of one text that the page gets."""
OWN_FORM = "A1111"
"""The software that writes parameters in the form that is shown here anyway."""
PROMPTS = ("Prompt", "Negative prompt")
PLACES = (INFOTEXT, EXIF_USER_COMMENT, GIF_COMMENT)
TITLES = {
    EXIF_USER_COMMENT: "EXIF user comment",
    GIF_COMMENT: "GIF comment",
    "exif_make": "EXIF make",
    "exif_model": "EXIF model",
    "exif_software": "EXIF software",
    "exif_image_description": "EXIF image description",
    "exif_maker_note": "EXIF maker note",
}
"""What texts are called that are no PNG texts."""


class TextChunk(Value):
    """A text of the file: ``form`` is "json" (laid out) or "text"; ``cut`` characters are left out at its end."""

    name: str
    text: str
    form: str = "text"
    cut: int = 0


class ParameterField(Value):
    """A parameter."""

    name: str
    value: str


class PictureInfo(Value):
    """All of it: ``infotext`` in A1111's form, ``software`` that wrote it ("" for A1111 and alike), its prompts and fields.

    ``unread``: what of the software's own words could not be taken over. ``chunks``: every text of the file as it is.
    """

    width: int
    height: int
    infotext: str = ""
    software: str = ""
    prompt: str = ""
    negative_prompt: str = ""
    fields: tuple[ParameterField, ...] = ()
    unread: tuple[str, ...] = ()
    chunks: tuple[TextChunk, ...] = ()


def read_picture(data: bytes, name: str, host: Host, *, whole: bool = False) -> PictureInfo:
    """Read an image file; raises UserError when it is none."""
    opened = open_image(data, name or "The file")
    reading = understand_metadata(opened.metadata, host)
    written = next((text for place in PLACES if (text := opened.chunks.get(place))), "")
    infotext = reading.infotext if reading else written
    fields = parse_infotext(infotext) if infotext else {}
    return PictureInfo(
        width=opened.image.width,
        height=opened.image.height,
        infotext=infotext,
        software=reading.software if reading and reading.software != OWN_FORM else "",
        prompt=fields.get(PROMPTS[0], ""),
        negative_prompt=fields.get(PROMPTS[1], ""),
        fields=tuple(ParameterField(name=name, value=value) for name, value in joined_sizes(fields).items() if name not in PROMPTS),
        unread=reading.unread if reading else (),
        chunks=tuple(chunk(name, text, whole=whole) for name, text in opened.chunks.items()),
    )


def joined_sizes(fields: dict[str, str]) -> dict[str, str]:
    """The fields with sizes in one again: "Size-1" and "Size-2" are "Size" ("512x768")."""
    joined: dict[str, str] = {}
    for name, value in fields.items():
        other = fields.get(f"{name[:-2]}-2") if name.endswith("-1") else None
        if other is not None:
            joined[name[:-2]] = f"{value}x{other}"
        elif not (name.endswith("-2") and f"{name[:-2]}-1" in fields):
            joined[name] = value
    return joined


def chunk(name: str, text: str, *, whole: bool = False) -> TextChunk:
    """A text with its title; JSON is laid out, very long ones are cut unless the ``whole`` is wanted."""
    laid_out = _laid_out(text)
    shown = laid_out or text
    kept = shown if whole else shown[:LONGEST_SHOWN]
    return TextChunk(name=TITLES.get(name, name), text=kept, form="json" if laid_out else "text", cut=len(shown) - len(kept))


def _laid_out(text: str) -> str:
    """A JSON object or list with a line for each value; "" for all else."""
    if not text.lstrip().startswith(("{", "[")):
        return ""
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return ""
