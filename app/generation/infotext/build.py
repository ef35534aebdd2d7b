"""Writes the infotext of a picture from its plan."""

from __future__ import annotations

from collections.abc import Callable

from app.contracts import PlanInfo
from app.generation.infotext.quoting import quote
from app.generation.prompt.schedule import Timeline
from app.generation.prompt.shown import shown_texts
from app.values.base import short_number
from app.values.plan import GenerationPlan, ImagePlan
from app.version import HOST_VERSION


def build(
    plan: GenerationPlan,
    image: ImagePlan,
    items: PlanInfo,
    arrange: Callable[[PlanInfo], PlanInfo] = lambda items: items,
) -> str:
    """The infotext of one picture: the plan's items, then ``items`` (one of a label that the plan has too replaces it), then the version.

    ``arrange`` has the last word on what is written in which order (the hook ``edit_infotext``).
    """
    everything = core_items(plan, image) | dict(items)
    everything.setdefault("Version", version_text())
    return format_infotext(image.prompt, image.negative_prompt, arrange(everything))


def format_infotext(prompt: str, negative_prompt: str, items: PlanInfo) -> str:
    """Lay out prompt, negative prompt and items; None leaves an item out, and a value equal to its key is written once."""
    pairs = [key if key == value else f"{key}: {quote(value)}" for key, value in items.items() if value is not None]
    negative = f"\nNegative prompt: {negative_prompt}" if negative_prompt else ""
    return f"{prompt}{negative}\n{', '.join(pairs)}".strip()


def with_items(infotext: str, items: PlanInfo) -> str:
    """A written infotext with further items, before the version."""
    pairs = ", ".join(f"{key}: {quote(value)}" for key, value in items.items() if value is not None)
    if not pairs:
        return infotext
    start, found, version = infotext.rpartition(", Version: ")
    return f"{start}, {pairs}{found}{version}" if found else f"{infotext}, {pairs}"


def core_items(plan: GenerationPlan, image: ImagePlan) -> dict[str, str | int | float | None]:
    """What the plan itself decides, under A1111's labels and in its order."""
    has_variation, first = plan.subseed_strength > 0, plan.first
    return {
        "Steps": first.steps,
        "Sampler": first.sampler,
        "Schedule type": first.scheduler,
        "CFG scale": short_number(first.cfg_scale),
        "Seed": image.seed,
        "Size": f"{first.width_px}x{first.height_px}",
        "Model hash": first.checkpoint.short_hash or None,
        "Model": first.checkpoint.name or None,
        "Variation seed": image.subseed if has_variation else None,
        "Variation seed strength": short_number(plan.subseed_strength) if has_variation else None,
        "Seed resize from": _seed_resize(plan),
        "Clip skip": plan.clip_skip if plan.clip_skip > 1 else None,
        "ENSD": plan.eta_noise_seed_delta or None,
        "RNG": plan.noise_source if plan.noise_source != "GPU" else None,
        "Emphasis": _emphasis(plan, image),
    }


def version_text() -> str:
    """What stands under "Version": the program and its version, so that nobody takes the picture for A1111's."""
    return f"Paintbox {HOST_VERSION}"


def _seed_resize(plan: GenerationPlan) -> str | None:
    size = (plan.seed_resize_from_width_px, plan.seed_resize_from_height_px)
    return f"{size[0]}x{size[1]}" if min(size) > 0 else None


def _emphasis(plan: GenerationPlan, image: ImagePlan) -> str | None:
    """Written only if it differs from the usual mode and an encoded text has a bracket that it could act on."""
    if plan.emphasis == "Original":
        return None
    timeline = Timeline(plan.first.steps)
    texts = {*shown_texts(image.prompt, timeline, negative=False), *shown_texts(image.negative_prompt, timeline, negative=True)}
    return plan.emphasis if any("(" in text or "[" in text for text in texts) else None
