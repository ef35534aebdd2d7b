"""What a user can set of the refiner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from app.api import Json, Params
from extensions.checkpoints.api import usable

NO_CHECKPOINT = "None"
RefinedPasses = Literal["first pass", "second pass", "both passes"]


class RefinerParams(Params):
    """Off without a checkpoint; ``enabled`` is the tick of the form, under which a checkpoint may wait."""

    feature: ClassVar[str] = "refiner"
    from_pass: ClassVar[int] = 1
    switch: ClassVar[str] = "enabled"

    enabled: bool = Field(True, title="Refiner", json_schema_extra={"elem_id": "enable"})
    checkpoint: str = Field(
        NO_CHECKPOINT, title="Checkpoint", json_schema_extra={"infotext": "Refiner", "elem_id": "checkpoint", "api": "refiner_checkpoint"}
    )
    switch_at: float = Field(
        0.8,
        ge=0.0,
        le=1.0,
        title="Switch at",
        json_schema_extra={
            "infotext": "Refiner switch at",
            "elem_id": "switch_at",
            "api": "refiner_switch_at",
            "step": 0.01,
            "range": [0.01, 1],
        },
    )

    @field_validator("checkpoint", mode="before")
    @classmethod
    def _empty_means_none(cls, value: object) -> object:
        return NO_CHECKPOINT if value in (None, "", "none") else value

    @classmethod
    def read_infotext(cls, fields: Mapping[str, str], host: Any) -> dict[str, Json]:
        """On where the infotext names a refiner, which is looked up here by name and hash."""
        said = super().read_infotext(fields, host)
        record = host.models.find("checkpoint", said["checkpoint"]) if "Refiner" in fields else None
        named = {"checkpoint": record.title} if record else {}
        return {**said, **named, "enabled": "Refiner" in fields}

    @classmethod
    def choices(cls, host: Any) -> Mapping[str, Sequence[str]]:
        """The checkpoints that can be used."""
        return {"checkpoint": [NO_CHECKPOINT, *(record.title for record in usable(host))]}

    @property
    def is_on(self) -> bool:
        """True when another checkpoint takes over."""
        return self.enabled and self.checkpoint != NO_CHECKPOINT and self.switch_at < 1


class RefinerSettings(BaseModel):
    """Settings by A1111's keys."""

    model_config = ConfigDict(frozen=True)

    hires_fix_refiner_pass: RefinedPasses = Field(
        "second pass",
        title="Pass of hires fix that uses the refiner",
        json_schema_extra={"infotext": "Hires refiner", "first_pass": "no part"},
    )
    refiner_switch_by_sample_steps: bool = Field(
        False,
        title="Switch to the refiner by sampling steps",
        description="The share counts calls of the model instead of training timesteps, as in versions before 1.8.",
        json_schema_extra={"infotext": "Refiner switch by sampling steps", "first_pass": "no part"},
    )
