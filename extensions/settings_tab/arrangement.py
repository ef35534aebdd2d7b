"""A1111's order of the sections of settings: categories as it lists them, and the sections that it has in each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from app.api import Option

UNCATEGORIZED = "Uncategorized"
CATEGORIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Saving images": ("saving-images", "saving-paths", "saving-to-dirs"),
        "Stable Diffusion": (
            "sd",
            "sdxl",
            "sd3",
            "vae",
            "img2img",
            "optimizations",
            "compatibility",
            "extra_networks",
            "sampler-params",
        ),
        "User Interface": ("ui", "ui_gallery", "ui_alternatives", "ui_prompt_editing", "infotext", "settings_in_ui", "live-previews"),
        "System": ("system", "profiler", "API", "callbacks"),
        "Postprocessing": ("upscaling", "face-restoration", "postprocessing"),
        "Training": ("training",),
        UNCATEGORIZED: (),
    }
)
"""Section ids by category; a section that names its category itself needs no entry."""


def category_of(section_id: str, declared: str) -> str:
    """The heading of a section: the one that it declares, else A1111's."""
    return declared or next((name for name, ids in CATEGORIES.items() if section_id in ids), UNCATEGORIZED)


def arranged(options: Iterable[Option]) -> list[tuple[str, list[Option]]]:
    """Categories in A1111's order, others in front of the rest, and the options of each by the titles of their sections."""
    by_category: dict[str, list[Option]] = {}
    declared: dict[str, str] = {}
    listed = list(options)
    for option in listed:
        declared[option.section.id] = declared.get(option.section.id) or option.section.category
    for option in listed:
        by_category.setdefault(category_of(option.section.id, declared[option.section.id]), []).append(option)
    order = [*(name for name in CATEGORIES if name != UNCATEGORIZED), *sorted(by_category.keys() - CATEGORIES.keys()), UNCATEGORIZED]
    return [(name, by_category[name]) for name in order if name in by_category]
