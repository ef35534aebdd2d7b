"""What a user can set of the encoding of prompts by Stable Diffusion XL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from app.api import EncodeOptions

UPCAST, UPCAST_LABEL = "upcast_attn", "Upcast attention"


class ClipLSettings(BaseModel):
    """What both SDXL and Stable Diffusion 1 have an encoder for."""

    model_config = ConfigDict(frozen=True)

    sdxl_clip_l_skip: bool = Field(
        False, title="Clip skip SDXL", description="Clip skip counts for the first text encoder (CLIP-L) of SDXL checkpoints too."
    )


class AttentionSettings(BaseModel):
    """How exactly attention is computed."""

    model_config = ConfigDict(frozen=True)

    upcast_attn: bool = Field(
        False,
        title="Upcast cross attention layer to float32",
        description="For models that give black pictures in half precision.",
        json_schema_extra={"infotext": UPCAST_LABEL},
    )


class SdxlSettings(BaseModel):
    """What SDXL checkpoints are told about the picture beside the prompt."""

    model_config = ConfigDict(frozen=True)

    sdxl_crop_top: int = Field(0, ge=0, le=1024, title="Crop top coordinate", description="As if so many pixels had been cut off above.")
    sdxl_crop_left: int = Field(
        0, ge=0, le=1024, title="Crop left coordinate", description="As if so many pixels had been cut off at the left."
    )
    sdxl_refiner_low_aesthetic_score: float = Field(
        2.5, ge=0.0, le=10.0, title="SDXL low aesthetic score", description="What the refiner is told with the negative prompt."
    )
    sdxl_refiner_high_aesthetic_score: float = Field(
        6.0, ge=0.0, le=10.0, title="SDXL high aesthetic score", description="What the refiner is told with the prompt."
    )


class EncodingSettings(ClipLSettings, SdxlSettings):
    """All settings that encoded prompts depend on."""

    @classmethod
    def of(cls, options: EncodeOptions) -> EncodingSettings:
        """Those that came with the options of an encoding; defaults for the others."""
        return cls.model_validate({key: value for key, value in options.settings if key in cls.model_fields})
