"""Tells for which family of checkpoints a VAE file was made, where anything does: the shapes of all are the same."""

from __future__ import annotations

import re
from collections.abc import Mapping

from app.api import ModelRecord

SDXL = "sdxl"
FIRST = "sd1"
"""SD1 and SD2 share their VAE."""
GROUPS: Mapping[str, str] = {"sd1": FIRST, "sd2": FIRST, "sdxl": SDXL, "sdxl-refiner": SDXL}
TITLES: Mapping[str, str] = {FIRST: "Stable Diffusion 1 and 2", SDXL: "Stable Diffusion XL"}
ARCHITECTURES: Mapping[str, str] = {"stable-diffusion-xl": SDXL, "stable-diffusion-v1": FIRST, "stable-diffusion-v2": FIRST}
"""Beginnings of ``modelspec.architecture``."""
_SDXL_NAME = re.compile(r"sd[-_ ]?xl", re.IGNORECASE)


def family_of(record: ModelRecord) -> str:
    """The group of families, by the file's metadata or else its name; "" where nothing tells."""
    told = record.metadata.get("modelspec.architecture", "")
    for beginning, group in ARCHITECTURES.items():
        if told.startswith(beginning):
            return group
    return SDXL if _SDXL_NAME.search(record.stem) else ""


def other_family(record: ModelRecord, checkpoint_family: str) -> str:
    """A warning where the file was made for another family than the checkpoint's; "" otherwise."""
    made_for, drawn = family_of(record), GROUPS.get(checkpoint_family, "")
    if not made_for or not drawn or made_for == drawn:
        return ""
    return f"The VAE {record.name} seems made for {TITLES[made_for]}, and the checkpoint is of {TITLES[drawn]}: colours will be wrong."
