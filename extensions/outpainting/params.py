"""What a user can set of the two scripts, in the order of A1111's ``script_args``."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from app.api import ScriptParams

Side = Literal["left", "right", "up", "down"]
SIDES: tuple[Side, ...] = ("left", "right", "up", "down")
Sides = Annotated[tuple[Side, ...], BeforeValidator(lambda value: value.split() if isinstance(value, str) else value)]
"""Over the API a list, in an infotext words."""
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
        json_schema_extra={"step": 8, "infotext": "Outpainting pixels"},
    )
    mask_blur: int = Field(8, ge=0, le=64, title="Mask blur", json_schema_extra={"step": 1, "infotext": "Outpainting mask blur"})
    direction: Sides = Field(SIDES, title="Outpainting direction", json_schema_extra={"infotext": "Outpainting direction"})
    noise_q: float = Field(
        1.0,
        ge=0.0,
        le=4.0,
        title="Fall-off exponent (lower=higher detail)",
        json_schema_extra={"step": 0.01, "infotext": "Outpainting fall-off"},
    )
    color_variation: float = Field(
        0.05, ge=0.0, le=1.0, title="Color variation", json_schema_extra={"step": 0.01, "infotext": "Outpainting color variation"}
    )


class PoorManParams(ScriptParams):
    """Poor man's outpainting."""

    feature: ClassVar[str] = "poor_mans_outpainting"

    pixels: int = Field(
        128,
        ge=8,
        le=256,
        title="Pixels to expand",
        description="On each side.",
        json_schema_extra={"step": 8, "infotext": "Outpainting pixels"},
    )
    mask_blur: int = Field(4, ge=0, le=64, title="Mask blur", json_schema_extra={"step": 1, "infotext": "Outpainting mask blur"})
    inpainting_fill: Literal["fill", "original", "latent noise", "latent nothing"] = Field(
        "fill", title="Masked content", json_schema_extra={"index": True, "control": "radio", "infotext": "Outpainting masked content"}
    )
    direction: Sides = Field(SIDES, title="Outpainting direction", json_schema_extra={"infotext": "Outpainting direction"})
