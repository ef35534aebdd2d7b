"""What a user can set of the encoding of prompts by Stable Diffusion XL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from app.api import field_extra

if TYPE_CHECKING:
    from app.api import EncodeOptions, GenerationPlan, PlanInfo

SDXL_CLIP_SKIP = 2
"""What SDXL's text encoders are read with unless the settings say otherwise."""

UPCAST, UPCAST_LABEL = "upcast_attn", "Upcast attention"


class ClipLSettings(BaseModel):
    """What both SDXL and Stable Diffusion 1 have an encoder for."""

    model_config = ConfigDict(frozen=True)

    sdxl_clip_l_skip: bool = Field(
        False,
        title="Clip skip SDXL",
        description="Clip skip counts for the first text encoder (CLIP-L) of SDXL checkpoints too.",
        json_schema_extra={"infotext": "Clip skip SDXL"},
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

    sdxl_crop_top: int = Field(
        0,
        ge=0,
        le=1024,
        title="Crop top coordinate",
        description="As if so many pixels had been cut off above.",
        json_schema_extra={"infotext": "SDXL crop top"},
    )
    sdxl_crop_left: int = Field(
        0,
        ge=0,
        le=1024,
        title="Crop left coordinate",
        description="As if so many pixels had been cut off at the left.",
        json_schema_extra={"infotext": "SDXL crop left"},
    )
    sdxl_refiner_low_aesthetic_score: float = Field(
        2.5,
        ge=0.0,
        le=10.0,
        title="SDXL low aesthetic score",
        description="What the refiner is told with the negative prompt.",
        json_schema_extra={"infotext": "SDXL low aesthetic score"},
    )
    sdxl_refiner_high_aesthetic_score: float = Field(
        6.0,
        ge=0.0,
        le=10.0,
        title="SDXL high aesthetic score",
        description="What the refiner is told with the prompt.",
        json_schema_extra={"infotext": "SDXL high aesthetic score"},
    )


class EncodingSettings(ClipLSettings, SdxlSettings):
    """All settings that encoded prompts depend on."""

    @classmethod
    def of(cls, options: EncodeOptions) -> EncodingSettings:
        """Those that came with the options of an encoding; defaults for the others."""
        return cls.model_validate({key: value for key, value in options.settings if key in cls.model_fields})


def encoding_items(plan: GenerationPlan) -> PlanInfo:
    """Infotext items of the settings that are not at their defaults and reach a checkpoint of the plan."""
    switches = [step.switch.checkpoint for step in plan.passes if step.switch]
    families = {checkpoint.family for checkpoint in (*(step.checkpoint for step in plan.passes), *switches)}
    reaching: set[str] = set()
    if families & {"sdxl", "sdxl-refiner"}:
        reaching |= {"sdxl_crop_top", "sdxl_crop_left"}
    if "sdxl-refiner" in families:
        reaching |= {"sdxl_refiner_low_aesthetic_score", "sdxl_refiner_high_aesthetic_score"}
    if "sdxl" in families and plan.clip_skip != SDXL_CLIP_SKIP:
        reaching.add("sdxl_clip_l_skip")
    given = {key: value for key, value in plan.encoding_settings.items() if key in reaching}
    changed = EncodingSettings.model_validate(given).model_dump(exclude_defaults=True)
    return {str(field_extra(EncodingSettings.model_fields[key])["infotext"]): str(value) for key, value in changed.items()}
