"""What a user can set of soft inpainting."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from app.api import Json, Params

PREFIX = "Soft inpainting"


def _extra(elem_id: str, infotext: str, step: float | None = None) -> dict[str, Json]:
    return {"elem_id": f"#{elem_id}", "infotext": f"{PREFIX} {infotext}", **({"step": step} if step else {})}


class SoftInpaintingParams(Params):
    """Off unless ticked."""

    feature: ClassVar[str] = "soft_inpainting"
    script: ClassVar[str] = "Soft Inpainting"
    switch: ClassVar[str] = "enabled"
    forms: ClassVar[tuple[str, ...]] = ("img2img",)

    enabled: bool = Field(False, title="Soft inpainting", json_schema_extra=_extra("soft_inpainting_enabled", "enabled"))
    mask_blend_power: float = Field(
        1.0,
        ge=0.0,
        le=8.0,
        title="Schedule bias",
        description="Above 1 the original counts more at the end of drawing, below 1 more at its beginning.",
        json_schema_extra=_extra("mask_blend_power", "schedule bias", 0.1),
    )
    mask_blend_scale: float = Field(
        0.5,
        ge=0.0,
        le=8.0,
        title="Preservation strength",
        description="How much partly masked content is kept.",
        json_schema_extra=_extra("mask_blend_scale", "preservation strength", 0.05),
    )
    inpaint_detail_preservation: float = Field(
        4.0,
        ge=1.0,
        le=32.0,
        title="Transition contrast boost",
        description="Keeps mixed parts from getting faint.",
        json_schema_extra=_extra("inpaint_detail_preservation", "transition contrast boost", 0.5),
    )
    composite_mask_influence: float = Field(
        0.0,
        ge=0.0,
        le=1.0,
        title="Mask influence",
        description="How much the mask itself decides which pixels are the original's.",
        json_schema_extra=_extra("composite_mask_influence", "mask influence", 0.05),
    )
    composite_difference_threshold: float = Field(
        0.5,
        ge=0.0,
        le=8.0,
        title="Difference threshold",
        description="How far pixels must have changed for half of the original to be gone.",
        json_schema_extra=_extra("composite_difference_threshold", "difference threshold", 0.25),
    )
    composite_difference_contrast: float = Field(
        2.0,
        ge=0.0,
        le=8.0,
        title="Difference contrast",
        description="How sudden the change from the original to what was drawn is.",
        json_schema_extra=_extra("composite_difference_contrast", "difference contrast", 0.25),
    )
