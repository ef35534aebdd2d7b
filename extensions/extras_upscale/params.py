"""What a user can set for enlarging, and the settings, under A1111's keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from app.api import Params

NONE = "None"
BY, TO = 0, 1
LARGEST_SIDE_PX = 16384


def _only(mode: int, elem_id: str, **more: Any) -> dict[str, Any]:
    """Extra facts of a field that one of the two modes has."""
    return {"elem_id": elem_id, "only_if": {"resize_mode": mode}, **more}


class UpscaleParams(Params):
    """As A1111's block "Upscale"."""

    feature: ClassVar[str] = "extras_upscale"

    upscaler_1: str = Field(NONE, title="Upscaler 1", json_schema_extra={"elem_id": "extras_upscaler_1"})
    upscaler_2: str = Field(NONE, title="Upscaler 2", json_schema_extra={"elem_id": "extras_upscaler_2"})
    upscaler_2_visibility: float = Field(
        0.0, ge=0.0, le=1.0, title="Upscaler 2 visibility", json_schema_extra={"elem_id": "extras_upscaler_2_visibility", "step": 0.001}
    )
    resize_mode: int = Field(
        BY,
        ge=BY,
        le=TO,
        title="Resize",
        json_schema_extra={
            "elem_id": "extras_resize_mode",
            "tabs": [[BY, "Scale by", "extras_scale_by_tab"], [TO, "Scale to", "extras_scale_to_tab"]],
        },
    )
    resize: float = Field(
        4.0, gt=0.0, le=64.0, title="Resize", json_schema_extra=_only(BY, "extras_upscaling_resize", range=[1, 8], step=0.05)
    )
    max_side_length: int = Field(
        0,
        ge=0,
        title="Max side length",
        description="If the longer side of the result would be larger than this, it is scaled down to it; 0 for no limit.",
        json_schema_extra=_only(BY, "extras_upscale_max_side_length"),
    )
    width: int = Field(
        512, ge=1, le=LARGEST_SIDE_PX, title="Width", json_schema_extra=_only(TO, "extras_upscaling_resize_w", range=[64, 8192], step=8)
    )
    height: int = Field(
        512,
        ge=1,
        le=LARGEST_SIDE_PX,
        title="Height",
        json_schema_extra=_only(
            TO, "extras_upscaling_resize_h", range=[64, 8192], step=8, swap_with="width", swap_id="upscaling_res_switch_btn"
        ),
    )
    crop: bool = Field(True, title="Crop to fit", json_schema_extra=_only(TO, "extras_upscaling_crop"))

    @classmethod
    def choices(cls, host: Any) -> Mapping[str, Sequence[str]]:
        """The upscalers of pictures."""
        names = [upscaler.name for upscaler in host.upscalers if upscaler.pixel is not None]
        return {"upscaler_1": names, "upscaler_2": names}


class UpscaleSettings(BaseModel):
    """What is kept of what was computed."""

    model_config = ConfigDict(frozen=True)

    upscaling_max_images_in_cache: int = Field(
        5,
        ge=0,
        le=10,
        title="Maximum number of images in upscaling cache",
        description="Another visibility of the second upscaler is then only mixed anew.",
        json_schema_extra={"step": 1},
    )


class UpscaleSaving(BaseModel):
    """How results are called."""

    model_config = ConfigDict(frozen=True)

    use_upscaler_name_as_suffix: bool = Field(False, title="Use upscaler name as filename suffix in the extras tab")
