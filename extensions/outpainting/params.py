"""What a user can set of the two scripts, in the order of A1111's ``script_args``."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from app.api import ScriptParams

Side = Literal["left", "right", "up", "down"]
SIDES: tuple[Side, ...] = ("left", "right", "up", "down")
FILLS = ("fill", "original", "latent noise", "latent nothing")


class Mk2Params(ScriptParams):
    """Outpainting mk2."""

    feature: ClassVar[str] = "outpainting_mk_2"

    info: str | None = Field(None, title="Info", description="Does nothing.", json_schema_extra={"hidden": True})
    pixels: int = Field(
        128,
        ge=8,
        le=256,
        title="Pixels to expand",
        description="On each side. Recommended: 80 to 100 steps, Euler a, denoising strength 0.8.",
        json_schema_extra={"step": 8},
    )
    mask_blur: int = Field(8, ge=0, le=64, title="Mask blur", json_schema_extra={"step": 1})
    direction: tuple[Side, ...] = Field(SIDES, title="Outpainting direction")
    noise_q: float = Field(1.0, ge=0.0, le=4.0, title="Fall-off exponent (lower=higher detail)", json_schema_extra={"step": 0.01})
    color_variation: float = Field(0.05, ge=0.0, le=1.0, title="Color variation", json_schema_extra={"step": 0.01})


class PoorManParams(ScriptParams):
    """Poor man's outpainting."""

    feature: ClassVar[str] = "poor_mans_outpainting"

    pixels: int = Field(128, ge=8, le=256, title="Pixels to expand", description="On each side.", json_schema_extra={"step": 8})
    mask_blur: int = Field(4, ge=0, le=64, title="Mask blur", json_schema_extra={"step": 1})
    inpainting_fill: Literal["fill", "original", "latent noise", "latent nothing"] = Field(
        "fill", title="Masked content", json_schema_extra={"index": True, "control": "radio"}
    )
    direction: tuple[Side, ...] = Field(SIDES, title="Outpainting direction")
