"""Soft inpainting: gradual transitions between what is kept and what is drawn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.api import (
    GenerationPlan,
    GenerationRequest,
    ImagePlan,
    Page,
    PageSlot,
    Panel,
    Params,
    PlanInfo,
    Run,
    field_extra,
    hookimpl,
    short_number,
)
from extensions.img2img.api import BLENDER, Img2ImgParams
from extensions.soft_inpainting.params import SoftInpaintingParams

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_params(host: Host) -> Iterable[type[Params]]:
    """What rides in a request."""
    return [SoftInpaintingParams]


@hookimpl
def register_panels(host: Host) -> Iterable[Panel]:
    """The block in the form of img2img."""

    def build(page: Page) -> None:
        from extensions.soft_inpainting.panel import draw_block

        draw_block(page)

    return [Panel(id="soft_inpainting", slot=PageSlot.ACCORDIONS, order=5, build=build)]


@hookimpl(tryfirst=True)
def edit_plan(plan: GenerationPlan, request: GenerationRequest, run: Run) -> GenerationPlan:
    """Take over the blending of jobs with a mask, before image to image reads it: then it is not rounded."""
    if _is_in_use(plan):
        from extensions.soft_inpainting.blender import SoftBlender

        run.stash[BLENDER] = SoftBlender(_params(plan))
    return plan


@hookimpl
def describe_image(image: ImagePlan, plan: GenerationPlan, run: Run) -> PlanInfo:
    """All of its parameters."""
    if not _is_in_use(plan):
        return {}
    params = _params(plan)
    labels = {name: str(field_extra(field)["infotext"]) for name, field in SoftInpaintingParams.model_fields.items()}
    return {label: _written(getattr(params, name)) for name, label in labels.items()}


def _written(value: bool | float) -> str | int | float:
    return str(value) if isinstance(value, bool) else short_number(value)


def _is_in_use(plan: GenerationPlan) -> bool:
    start = Img2ImgParams.of(plan.params)
    return _params(plan).enabled and bool(start.init_images) and start.has_mask


def _params(plan: GenerationPlan) -> SoftInpaintingParams:
    return SoftInpaintingParams.of(plan.params)
