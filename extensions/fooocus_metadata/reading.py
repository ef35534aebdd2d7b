"""Turns Fooocus's JSON into an infotext: PNG text ``parameters`` with ``fooocus_scheme``, or the EXIF user comment."""

from __future__ import annotations

import re
from collections.abc import Mapping

from app.api import EXIF_USER_COMMENT, INFOTEXT, Json, MetadataReading
from extensions.a1111_infotext.api import ForeignInfotext, JsonObject, file_stem, number_of, read_object, text_of

SCHEME = "fooocus"
SCHEME_PLACES = ("fooocus_scheme", "exif_maker_note")
NONE = ("", "None", "Default (model)")
NO_STYLES = ("", "[]")
_SIZE = re.compile(r"\(?\s*(\d{1,6})\s*,\s*(\d{1,6})\s*\)?")
_FIXED_SEED_KEYS = ("seed", "image_seed")


def read_fooocus(chunks: Mapping[str, str]) -> MetadataReading | None:
    """The reading; None for pictures of others and when the JSON is damaged."""
    found = read_object(chunks.get(EXIF_USER_COMMENT)) or read_object(chunks.get(INFOTEXT))
    if found is None or not _is_fooocus(found, chunks):
        return None
    infotext = ForeignInfotext("Fooocus")
    infotext.prompts(*_prompts(found))
    infotext.item("Steps", number_of(found.get("steps")))
    infotext.sampler(text_of(found.get("sampler")), text_of(found.get("scheduler")))
    infotext.item("CFG scale", number_of(found.get("guidance_scale")))
    infotext.item("Seed", next((number_of(found[key]) for key in _FIXED_SEED_KEYS if key in found), None))
    infotext.item("RNG", "CPU")
    size = _SIZE.fullmatch(text_of(found.get("resolution")).strip())
    if size:
        infotext.size(*size.groups())
    infotext.item("Model hash", text_of(found.get("base_model_hash"))[:10])
    infotext.item("Model", file_stem(text_of(found.get("base_model"))))
    clip_skip = number_of(found.get("clip_skip"))
    infotext.item("Clip skip", clip_skip if isinstance(clip_skip, int) and 1 < clip_skip <= 12 else None)
    vae = text_of(found.get("vae"))
    infotext.item("VAE", None if vae in NONE else vae)
    _write_loras(infotext, found)
    _name_the_rest(infotext, found)
    return infotext.reading()


def _is_fooocus(found: JsonObject, chunks: Mapping[str, str]) -> bool:
    schemes = [text_of(found.get("metadata_scheme")), *(chunks.get(place, "") for place in SCHEME_PLACES)]
    return SCHEME in schemes or text_of(found.get("version")).startswith("Fooocus")


def _prompts(found: JsonObject) -> tuple[str, str]:
    """The prompts with the styles' texts in them where the picture keeps them; else those that were typed."""
    typed = (text_of(found.get("prompt")), text_of(found.get("negative_prompt")))
    full = (_lines(found.get("full_prompt")), _lines(found.get("full_negative_prompt")))
    return (full[0] or typed[0], full[1] or typed[1])


def _lines(value: Json) -> str:
    """Fooocus encodes the parts of a prompt apart and adds them up; here they become one prompt."""
    parts = value if isinstance(value, list) else [value]
    return ", ".join(text.strip(" ,") for part in parts if (text := text_of(part)).strip(" ,"))


def _write_loras(infotext: ForeignInfotext, found: JsonObject) -> None:
    loras = found.get("loras")
    for lora in loras if isinstance(loras, list) else ():
        if isinstance(lora, list) and len(lora) >= 2:
            infotext.lora(text_of(lora[0]), lora[1])


def _name_the_rest(infotext: ForeignInfotext, found: JsonObject) -> None:
    """Fooocus samples in ways of its own; what was on is named."""
    if number_of(found.get("sharpness")):
        infotext.unread("sharpness")
    if found.get("adm_guidance"):
        infotext.unread("ADM guidance")
    if text_of(found.get("refiner_model")) not in NONE:
        infotext.unread("the refiner")
    if found.get("freeu"):
        infotext.unread("FreeU")
    if text_of(found.get("styles")) not in NO_STYLES:
        infotext.unread("the styles as such (their texts are in the prompts)" if found.get("full_prompt") else "the styles")
