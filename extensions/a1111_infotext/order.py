"""The order in which A1111 writes the items of an infotext."""

from __future__ import annotations

from app.api import PlanInfo
from extensions.a1111_infotext.params import InfotextSettings

FIRST = (
    "Steps",
    "Sampler",
    "Schedule type",
    "CFG scale",
    "Image CFG scale",
    "Seed",
    "Face restoration",
    "Size",
    "Model hash",
    "Model",
    "FP8 weight",
    "Cache FP16 weight for LoRA",
    "VAE hash",
    "VAE",
    "Variation seed",
    "Variation seed strength",
    "Seed resize from",
    "Denoising strength",
    "Conditional mask weight",
    "Clip skip",
    "ENSD",
    "Token merging ratio",
    "Token merging ratio hr",
    "Init image hash",
    "RNG",
    "Tiling",
)
LAST = ("Version", "User")
FIXED_LABELS = frozenset({"Prompt", "Negative prompt", *FIRST, *LAST})
"""Labels that A1111 knows from its own request; all others are extra parameters."""
_SWITCHES = {"Model hash": "add_model_hash_to_info", "Model": "add_model_name_to_info", "Version": "add_version_to_infotext"}


def arrange(items: PlanInfo, settings: InfotextSettings) -> PlanInfo:
    """The items in A1111's order, those that it does not know before the version as they came; without what is switched off."""
    wanted = {key: value for key, value in items.items() if key not in _SWITCHES or getattr(settings, _SWITCHES[key])}
    others = [key for key in wanted if key not in FIRST and key not in LAST]
    return {key: wanted[key] for key in (*FIRST, *others, *LAST) if key in wanted}
