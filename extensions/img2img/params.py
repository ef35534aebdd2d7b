"""What a user can set of image to image: per request, and as settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from app.api import Asked, Json, Params, Size
from extensions.a1111_infotext.api import MASKED_CONTENT, NOT_MASKED, meaning_of

RESIZE_MODES = ("Just resize", "Crop and resize", "Resize and fill", "Just resize (latent upscale)")
LARGEST_PX = 16384
COLOUR = r"^#[0-9a-fA-F]{6}$"
OUTPAINT, SIDES = "Outpaint", ("left", "right", "up", "down")
_EXTENSION = re.compile(r"(?:(?:^|, )(?:left|right|up|down) \d+)+")


def _resize_number(value: object) -> object:
    return RESIZE_MODES.index(value) if isinstance(value, str) and value in RESIZE_MODES else value


def _sides_of(text: str) -> dict[str, Json]:
    """Pixels at each side from "left 64, up 32"; another text is handed on as it is, so that it is refused."""
    if text and not _EXTENSION.fullmatch(text):
        return {"outpaint_left": text}
    said = dict(part.split(" ") for part in text.split(", ")) if text else {}
    return {f"outpaint_{side}": said.get(side, 0) for side in SIDES}


def _extra(elem_id: str, api: str, infotext: str = "", **more: Json) -> dict[str, Json]:
    named: dict[str, Json] = {"infotext": infotext} if infotext else {}
    return {"elem_id": elem_id, "api": api, **named, **more}


def _brush(title: str) -> Any:
    extra: dict[str, Json] = {"control": "color", "reload": True}
    return Field("#ffffff", pattern=COLOUR, title=title, json_schema_extra=extra)


class Img2ImgParams(Params):
    """Off without ``init_images``; pictures are named by their refs in ``host.inputs``."""

    feature: ClassVar[str] = "img2img"
    forms: ClassVar[tuple[str, ...]] = ("img2img",)

    init_images: tuple[str, ...] = Field(
        (),
        title="Pictures to start from",
        description="One for all, or one for each picture of a batch.",
        json_schema_extra=_extra("init_images", "init_images", picture=True),
    )
    mask: str = Field(
        "",
        title="Mask",
        description="White is drawn anew, black is kept.",
        json_schema_extra=_extra("img_inpaint_mask", "mask", picture=True),
    )
    resize_mode: Annotated[int, BeforeValidator(_resize_number)] = Field(
        0,
        ge=0,
        le=3,
        title="Resize mode",
        description="0 stretches, 1 crops, 2 fills the bands at the edges, 3 resizes the latent.",
        json_schema_extra=_extra("resize_mode", "resize_mode", "Resize mode", names=list(RESIZE_MODES)),
    )
    denoising_strength: float = Field(
        0.75,
        ge=0.0,
        le=1.0,
        title="Denoising strength",
        description="How much of the picture is drawn anew.",
        json_schema_extra=_extra("denoising_strength", "denoising_strength", "Denoising strength", step=0.01),
    )
    image_cfg_scale: float | None = Field(
        None,
        ge=0.0,
        le=100.0,
        title="Image CFG Scale",
        description="How closely instruct-pix2pix checkpoints keep to the picture.",
        json_schema_extra=_extra("image_cfg_scale", "image_cfg_scale", "Image CFG scale", step=0.05),
    )
    mask_blur_x: int = Field(
        4, ge=0, le=256, title="Mask blur", json_schema_extra=_extra("mask_blur", "mask_blur_x", "Mask blur", unit="px")
    )
    mask_blur_y: int = Field(
        4, ge=0, le=256, title="Mask blur, vertical", json_schema_extra=_extra("mask_blur_y", "mask_blur_y", "Mask blur y", unit="px")
    )
    mask_round: bool = Field(
        True,
        title="Round the mask",
        description="Each part of the latent is either kept or drawn.",
        json_schema_extra=_extra("mask_round", "mask_round", "Round mask"),
    )
    inpainting_fill: Annotated[int, BeforeValidator(meaning_of)] = Field(
        1,
        ge=0,
        le=3,
        title="Masked content",
        description="What lies under the mask before drawing.",
        json_schema_extra=_extra("inpainting_fill", "inpainting_fill", "Masked content", names=list(MASKED_CONTENT)),
    )
    inpaint_full_res: Annotated[bool, BeforeValidator(meaning_of)] = Field(
        False,
        title="Only masked",
        description="Draw the surroundings of the mask alone, at full size.",
        json_schema_extra=_extra("inpaint_full_res", "inpaint_full_res", "Inpaint area"),
    )
    inpaint_full_res_padding: int = Field(
        32,
        ge=0,
        le=LARGEST_PX,
        title="Only masked padding, pixels",
        json_schema_extra=_extra("inpaint_full_res_padding", "inpaint_full_res_padding", "Masked area padding", unit="px"),
    )
    inpainting_mask_invert: Annotated[bool, BeforeValidator(meaning_of)] = Field(
        False,
        title=NOT_MASKED,
        description="Keep what is white in the mask and draw the rest.",
        json_schema_extra=_extra("mask_mode", "inpainting_mask_invert", "Mask mode"),
    )
    initial_noise_multiplier: float | None = Field(
        None,
        ge=0.0,
        le=10.0,
        title="Noise multiplier",
        description="Empty: as the settings say.",
        json_schema_extra=_extra("initial_noise_multiplier", "initial_noise_multiplier", step=0.01),
    )
    sketch: str = Field(
        "",
        title="Painted-over picture",
        description="What differs from the picture to start from is the mask.",
        json_schema_extra=_extra("inpaint_sketch", "sketch", picture=True),
    )
    mask_transparency: float = Field(
        0.0,
        ge=0.0,
        le=100.0,
        title="Mask transparency",
        json_schema_extra=_extra("mask_alpha", "mask_transparency", "Mask transparency", unit="%"),
    )
    scale: float | None = Field(
        None,
        gt=0.0,
        le=16.0,
        title="Resize by",
        description="Factor on the picture's size, in place of width and height.",
        json_schema_extra=_extra("scale", "scale", step=0.05),
    )
    outpaint_left: int = Field(
        0, ge=0, le=LARGEST_PX, title="Extend left", json_schema_extra=_extra("outpaint_left", "outpaint_left", OUTPAINT)
    )
    outpaint_right: int = Field(
        0, ge=0, le=LARGEST_PX, title="Extend right", json_schema_extra=_extra("outpaint_right", "outpaint_right", OUTPAINT)
    )
    outpaint_up: int = Field(0, ge=0, le=LARGEST_PX, title="Extend up", json_schema_extra=_extra("outpaint_up", "outpaint_up", OUTPAINT))
    outpaint_down: int = Field(
        0, ge=0, le=LARGEST_PX, title="Extend down", json_schema_extra=_extra("outpaint_down", "outpaint_down", OUTPAINT)
    )

    @classmethod
    def read_infotext(cls, fields: Mapping[str, str], host: Any) -> dict[str, Json]:
        """A blur is that of both axes unless the vertical one is named too; one label tells of all sides that were extended."""
        said = super().read_infotext(fields, host)
        both = {"mask_blur_y": said["mask_blur_x"]} if "Mask blur y" not in fields else {}
        return {**said, **both, **_sides_of(fields.get(OUTPAINT, ""))}

    @property
    def outpaints(self) -> bool:
        """True when the canvas is extended."""
        return any((self.outpaint_left, self.outpaint_right, self.outpaint_up, self.outpaint_down))

    @property
    def has_mask(self) -> bool:
        """True when a part of the picture is kept."""
        return bool(self.mask or self.sketch or self.outpaints)

    @classmethod
    def drawn_size(cls, size: Size, asked: Asked) -> Size:
        """That of the picture it is drawn from, where it follows from that."""
        from extensions.img2img.expected import expected

        return expected(cls.of(asked.request.params), size, asked)


class DrawingSettings(BaseModel):
    """How image to image draws, and what it shows, under A1111's keys."""

    model_config = ConfigDict(frozen=True)

    img2img_color_correction: bool = Field(
        False,
        title="Apply color correction to img2img results to match original colors",
        json_schema_extra={"infotext": "Color correction", "first_pass": "no part"},
    )
    img2img_fix_steps: bool = Field(
        False,
        title="With img2img, do exactly the amount of steps the slider specifies",
        description="Otherwise fewer steps are done with less denoising.",
        json_schema_extra={"infotext": "Exact steps", "first_pass": "no part"},
    )
    img2img_background_color: str = Field(
        "#ffffff",
        pattern=COLOUR,
        title="With img2img, fill transparent parts of the input image with this color",
        json_schema_extra={"control": "color", "infotext": "Background color", "first_pass": "no part"},
    )
    initial_noise_multiplier: float = Field(
        1.0,
        ge=0.0,
        le=1.5,
        title="Noise multiplier for img2img",
        json_schema_extra={"infotext": "Noise multiplier", "step": 0.001, "first_pass": "no part"},
    )
    img2img_extra_noise: float = Field(
        0.0,
        ge=0.0,
        le=1.0,
        title="Extra noise multiplier for img2img and hires fix",
        description="0 to disable; should be lower than the denoising strength.",
        json_schema_extra={"infotext": "Extra noise", "step": 0.01, "first_pass": "no part"},
    )
    inpainting_mask_weight: float = Field(
        1.0,
        ge=0.0,
        le=1.0,
        title="Inpainting conditioning mask strength",
        description="How much of the masked part inpainting checkpoints do not see.",
        json_schema_extra={"infotext": "Conditional mask weight", "step": 0.01},
    )
    return_mask: bool = Field(False, title="For inpainting, include the greyscale mask in results for web")
    return_mask_composite: bool = Field(
        False,
        title="For inpainting, include masked composite in results for web",
        description="The drawn part alone, transparent around it.",
    )
    overlay_inpaint: bool = Field(
        True,
        title="Overlay original for inpaint",
        description="What is not masked is put back, pixel by pixel.",
        json_schema_extra={"infotext": "Overlay original", "first_pass": "no part"},
    )
    img2img_batch_show_results_limit: int = Field(
        32,
        ge=-1,
        le=1000,
        title="Show the first N batch img2img results in UI",
        description="0: none, -1: all. The others are saved as well.",
    )
    img2img_sketch_default_brush_color: str = _brush("Sketch initial brush color")
    img2img_inpaint_mask_brush_color: str = _brush("Inpaint mask brush color")
    img2img_inpaint_sketch_default_brush_color: str = _brush("Inpaint sketch initial brush color")


class SavingSettings(BaseModel):
    """What is saved beside the pictures, under A1111's keys."""

    model_config = ConfigDict(frozen=True)

    save_init_img: bool = Field(False, title="Save init images when using img2img")
    save_images_before_color_correction: bool = Field(
        False, title="Save a copy of image before applying color correction to img2img results"
    )
    save_mask: bool = Field(False, title="For inpainting, save a copy of the greyscale mask")
    save_mask_composite: bool = Field(False, title="For inpainting, save a masked composite")


class UpscalingSettings(BaseModel):
    """How pictures are enlarged, under A1111's key."""

    model_config = ConfigDict(frozen=True)

    upscaler_for_img2img: str | None = Field(
        None,
        title="Upscaler for img2img",
        description="Enlarges a picture that is smaller than what is drawn; empty or None: Lanczos. Masks are always enlarged by Lanczos.",
    )


class Img2ImgSettings(DrawingSettings, SavingSettings, UpscalingSettings):
    """All settings that a job reads."""


class Img2ImgPaths(BaseModel):
    """Folders; relative ones start at the data folder."""

    model_config = ConfigDict(frozen=True)

    outdir_img2img_samples: str = Field(
        "outputs/img2img-images", title="Output directory for img2img images", json_schema_extra={"is_path": True}
    )
    outdir_img2img_grids: str = Field(
        "outputs/img2img-grids", title="Output directory for img2img grids", json_schema_extra={"is_path": True}
    )
    outdir_init_images: str = Field(
        "outputs/init-images", title="Directory for saving init images when using img2img", json_schema_extra={"is_path": True}
    )
