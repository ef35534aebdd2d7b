"""The body of an img2img request: A1111's fields and defaults on top of what all drawing requests have."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import BeforeValidator, Field

from extensions.a1111_api.body import DrawingBody, Whole
from extensions.a1111_infotext.api import meaning_of

PICTURES = ("init_images", "mask")
LARGEST_BLUR_PX = 256


Worded: TypeAlias = Annotated[Whole, BeforeValidator(meaning_of)]


class Img2ImgBody(DrawingBody):
    """Pictures from pictures, which are base64 with or without ``data:`` before it.

    ``mask_blur`` sets both axes. The ``outpaint_*`` fields, pixels by which the canvas is extended, are not A1111's.
    """

    route = "img2img"

    init_images: list[str] = []
    resize_mode: Whole = Field(0, ge=0, le=3)
    denoising_strength: float | None = Field(0.75, ge=0.0, le=1.0)
    image_cfg_scale: float | None = Field(None, ge=0.0, le=100.0)
    mask: str | None = None
    mask_blur: Whole | None = Field(None, ge=0, le=LARGEST_BLUR_PX)
    mask_blur_x: Whole = Field(4, ge=0, le=LARGEST_BLUR_PX)
    mask_blur_y: Whole = Field(4, ge=0, le=LARGEST_BLUR_PX)
    mask_round: bool = True
    inpainting_fill: Worded = Field(0, ge=0, le=3)
    inpaint_full_res: Annotated[bool, BeforeValidator(meaning_of)] = True
    inpaint_full_res_padding: Whole = Field(0, ge=0, le=16384)
    inpainting_mask_invert: Worded = Field(0, ge=0, le=1)
    initial_noise_multiplier: float | None = Field(None, ge=0.0, le=10.0)
    include_init_images: bool = False
    outpaint_left: Whole = Field(0, ge=0, le=16384)
    outpaint_right: Whole = Field(0, ge=0, le=16384)
    outpaint_up: Whole = Field(0, ge=0, le=16384)
    outpaint_down: Whole = Field(0, ge=0, le=16384)
