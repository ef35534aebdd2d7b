"""Turns an infotext of SD.Next into A1111's labels, and names what has no counterpart."""

from __future__ import annotations

from collections.abc import Mapping

from app.api import MetadataReading, format_infotext, parse_infotext
from extensions.a1111_infotext.api import find_infotext

APP = "SD.Next"
LABELS = {"Scheduler": "Schedule type", "Denoise strength": "Denoising strength", "CLIP skip": "Clip skip", "CFG rescale": "CFG Rescale"}
"""Its labels that mean the same as A1111's."""
WITHOUT_EFFECT = frozenset({"App", "Version", "Pipeline", "Operations", "Parser", "Backend", "LoRA networks", "Index", "Comment", "Server"})
KNOWN = frozenset({"Steps", "Sampler", "Seed", "CFG scale", "Model", "Model hash", "VAE", "Variation seed", "Variation strength"})
SIZES = ("Size-1", "Size-2")
DEFAULT = "Default"


def read_sdnext(chunks: Mapping[str, str]) -> MetadataReading | None:
    """The reading; None for pictures of others."""
    text = find_infotext(chunks)
    if text is None:
        return None
    fields = parse_infotext(text)
    if fields.get("App") != APP and not fields.get("Version", "").startswith(APP):
        return None
    items: dict[str, str | int | float | None] = {}
    unread: list[str] = []
    for label, value in fields.items():
        if label in SIZES or label in ("Prompt", "Negative prompt") or label in WITHOUT_EFFECT:
            continue
        if label == "Sampler" and value == DEFAULT:
            unread.append("the sampler, which is that of the model")
        elif label == "Variation strength":
            items["Variation seed strength"] = value
        elif label in LABELS or label in KNOWN or label in LABELS.values():
            items[LABELS.get(label, label)] = value
        else:
            unread.append(label.removesuffix("-1").removesuffix("-2"))
    if all(side in fields for side in SIZES):
        items["Size"] = "x".join(fields[side] for side in SIZES)
    infotext = format_infotext(fields["Prompt"], fields["Negative prompt"], items)
    return MetadataReading(infotext, software=APP, unread=tuple(dict.fromkeys(unread)))
