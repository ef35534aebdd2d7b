"""Settings that only these schedules read, under A1111's keys."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from app.api import SettingsSection

BETA_SETTINGS = {"beta_dist_alpha": "Beta schedule alpha", "beta_dist_beta": "Beta schedule beta"}


class BetaSchedule(BaseModel):
    """The shape of the Beta schedule; both at 1: evenly spaced sigmas."""

    model_config = ConfigDict(frozen=True)

    beta_dist_alpha: float = Field(
        0.6,
        ge=0.01,
        title="Beta scheduler alpha",
        description="Smaller: more steps at low sigmas.",
        json_schema_extra={"infotext": BETA_SETTINGS["beta_dist_alpha"]},
    )
    beta_dist_beta: float = Field(
        0.6,
        ge=0.01,
        title="Beta scheduler beta",
        description="Smaller: more steps at high sigmas.",
        json_schema_extra={"infotext": BETA_SETTINGS["beta_dist_beta"]},
    )


SECTIONS = (SettingsSection("sampler-params", "Sampler parameters", BetaSchedule),)
