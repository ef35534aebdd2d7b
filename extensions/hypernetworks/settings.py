"""The settings of hypernetworks, by A1111's key where it has one."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class HypernetworkSettings(BaseModel):
    """What holds for every picture."""

    model_config = ConfigDict(frozen=True)

    sd_hypernetwork: str = Field(
        "None", title="Add hypernetwork to prompt", description="Name of a hypernetwork that is used in every picture; None: none."
    )
    hypernetwork_on_missing: Literal["error", "warning"] = Field(
        "error",
        title="When a hypernetwork is missing or nothing of it fits",
        description="Stop with an error, or draw without it and say so.",
        json_schema_extra={"control": "radio"},
    )
