"""What a user can set of hires fix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, field_validator

from app.api import Asked, Json, Params, Size, shown_samplers
from extensions.a1111_infotext.api import second_pass_names
from extensions.checkpoints.api import usable
from extensions.hires_fix.size import HiresSize, planned_size

SAME_CHECKPOINT = "Use same checkpoint"
SAME_SAMPLER = "Use same sampler"
SAME_SCHEDULER = "Use same scheduler"
AUTOMATIC = "Automatic"
OLD_SIZES = "use_old_hires_fix_width_height"
SECOND_PASS = ("Hires upscale", "Hires upscaler", "Hires resize-1")
"""Infotext keys of which one must be there, beside the denoising strength, for a picture of two passes."""


class HiresParams(Params):
    """Off unless ticked; the names of the API are A1111's."""

    feature: ClassVar[str] = "hires_fix"
    switch: ClassVar[str] = "enabled"
    forms: ClassVar[tuple[str, ...]] = ("txt2img",)
    from_pass: ClassVar[int] = 1

    enabled: bool = Field(False, title="Hires. fix", json_schema_extra={"elem_id": "hr-checkbox", "api": "enable_hr"})
    upscaler: str = Field(
        "Latent", title="Upscaler", json_schema_extra={"infotext": "Hires upscaler", "elem_id": "hr_upscaler", "api": "hr_upscaler"}
    )
    steps: int = Field(
        0,
        ge=0,
        le=1000,
        title="Hires steps",
        json_schema_extra={"infotext": "Hires steps", "elem_id": "hires_steps", "api": "hr_second_pass_steps", "range": [0, 150]},
    )
    denoising_strength: float = Field(
        0.7,
        ge=0.0,
        le=1.0,
        title="Denoising strength",
        json_schema_extra={"infotext": "Denoising strength", "elem_id": "denoising_strength", "api": "denoising_strength", "step": 0.01},
    )
    scale: float = Field(
        2.0,
        ge=0.0,
        le=16.0,
        title="Upscale by",
        json_schema_extra={"infotext": "Hires upscale", "elem_id": "hr_scale", "api": "hr_scale", "step": 0.05, "range": [1, 4]},
    )
    resize_x: int = Field(
        0,
        ge=0,
        le=16384,
        title="Resize width to",
        json_schema_extra={"infotext": "Hires resize-1", "elem_id": "hr_resize_x", "api": "hr_resize_x", "step": 8, "range": [0, 2048]},
    )
    resize_y: int = Field(
        0,
        ge=0,
        le=16384,
        title="Resize height to",
        json_schema_extra={"infotext": "Hires resize-2", "elem_id": "hr_resize_y", "api": "hr_resize_y", "step": 8, "range": [0, 2048]},
    )
    first_picture: str = Field(
        "",
        description="A finished picture that stands for the first pass, as a name in the store of inputs.",
        json_schema_extra={"picture": True},
    )
    first_drawn_as: str = Field("", description="The checksum of how it was drawn: where the first pass would go otherwise, it is drawn.")
    first_width: int = Field(0, ge=0, le=16384, json_schema_extra={"api": "firstphase_width"})
    first_height: int = Field(0, ge=0, le=16384, json_schema_extra={"api": "firstphase_height"})
    checkpoint: str = Field(
        SAME_CHECKPOINT,
        title="Checkpoint",
        json_schema_extra={"infotext": "Hires checkpoint", "elem_id": "#hr_checkpoint", "api": "hr_checkpoint_name"},
    )
    sampler: str = Field(
        SAME_SAMPLER,
        title="Hires sampling method",
        json_schema_extra={"infotext": "Hires sampler", "elem_id": "#hr_sampler", "api": "hr_sampler_name"},
    )
    scheduler: str = Field(
        SAME_SCHEDULER,
        title="Hires schedule type",
        json_schema_extra={"infotext": "Hires schedule type", "elem_id": "#hr_scheduler", "api": "hr_scheduler"},
    )
    prompt: str = Field(
        "",
        title="Hires prompt",
        json_schema_extra={"infotext": "Hires prompt", "elem_id": "#hires_prompt", "api": "hr_prompt", "prompt": "positive"},
    )
    negative_prompt: str = Field(
        "",
        title="Hires negative prompt",
        json_schema_extra={
            "infotext": "Hires negative prompt",
            "elem_id": "#hires_neg_prompt",
            "api": "hr_negative_prompt",
            "prompt": "negative",
        },
    )

    @field_validator("upscaler", "checkpoint", "sampler", "scheduler", mode="before")
    @classmethod
    def _empty_means_default(cls, value: object, info: Any) -> object:
        return cls.model_fields[info.field_name].default if value in (None, "") else value

    @classmethod
    def read_infotext(cls, fields: Mapping[str, str], host: Any) -> dict[str, Json]:
        """On where the infotext tells of a second pass; a sampler named together with its schedule is taken apart."""
        said = super().read_infotext(fields, host)
        said["sampler"], said["scheduler"] = second_pass_names(fields, host)
        record = host.models.find("checkpoint", said["checkpoint"]) if "Hires checkpoint" in fields else None
        upscaler = host.upscalers.find(str(said["upscaler"]))
        said["checkpoint"] = said["checkpoint"] if record is None else record.title
        said["upscaler"] = said["upscaler"] if upscaler is None else upscaler.name
        said["enabled"] = "Denoising strength" in fields and any(key in fields for key in SECOND_PASS)
        return said

    def sizes(self, asked: Size, settings: Mapping[str, Json]) -> HiresSize:
        """Those of both passes where ``asked`` is the size of the request."""
        own = (self.first_width, self.first_height)
        first = (own[0] or asked[0], own[1] or asked[1]) if any(own) else own
        resize, is_final = (self.resize_x, self.resize_y), bool(settings.get(OLD_SIZES, False))
        return planned_size(asked, self.scale, resize, first, asked_is_final=is_final)

    @classmethod
    def drawn_size(cls, size: Size, asked: Asked) -> Size:
        """That of the second pass."""
        own = cls.of(asked.request.params)
        return own.sizes(size, asked.settings).final if own.enabled else size

    @classmethod
    def choices(cls, host: Any) -> Mapping[str, Sequence[str]]:
        """Upscalers, checkpoints, samplers and schedules that are here."""
        labels = [schedule.label for schedule in host.schedules if schedule.label != AUTOMATIC]
        return {
            "upscaler": host.upscalers.names(),
            "checkpoint": [SAME_CHECKPOINT, *(record.title for record in usable(host))],
            "sampler": [SAME_SAMPLER, *shown_samplers(host)],
            "scheduler": [SAME_SCHEDULER, AUTOMATIC, *labels],
        }


class CompatibilitySettings(BaseModel):
    """How A1111 did it before, by its keys."""

    model_config = ConfigDict(frozen=True)

    use_old_hires_fix_width_height: bool = Field(
        False,
        title="Width and height are those of the second pass",
        description="The first pass of hires fix has about the area of 512x512 pixels then, as in the oldest versions.",
    )
    hires_fix_use_firstpass_conds: bool = Field(
        False,
        title="For hires fix, calculate conds of second pass using extra networks of first pass.",
        description="Where the second pass has a checkpoint of its own, it is left out.",
    )


class SavingSettings(BaseModel):
    """What is saved beside the pictures, by A1111's key."""

    model_config = ConfigDict(frozen=True)

    save_images_before_highres_fix: bool = Field(False, title="Save a copy of image before applying highres fix.")


class FormSettings(BaseModel):
    """What the form shows, by A1111's keys."""

    model_config = ConfigDict(frozen=True)

    hires_button_gallery_insert: bool = Field(
        False,
        title="Insert the upscaled picture of the ✨ button into the gallery",
        description="Off: it takes the place of the picture that was upscaled.",
    )
    hires_fix_show_sampler: bool = Field(
        False,
        title="Checkpoint, sampler and schedule of hires fix in the form",
        json_schema_extra={"reload": True},
    )
    hires_fix_show_prompts: bool = Field(
        False,
        title="Prompts of hires fix in the form",
        json_schema_extra={"reload": True},
    )
