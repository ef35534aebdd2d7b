"""Settings that only these samplers read, under A1111's keys."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from app.api import SettingsSection


class UniPC(BaseModel):
    """Knobs of UniPC."""

    model_config = ConfigDict(frozen=True)

    uni_pc_variant: Literal["bh1", "bh2", "vary_coeff"] = Field(
        "bh1", title="UniPC variant", json_schema_extra={"infotext": "UniPC variant"}
    )
    uni_pc_skip_type: Literal["time_uniform", "time_quadratic", "logSNR"] = Field(
        "time_uniform", title="UniPC skip type", json_schema_extra={"infotext": "UniPC skip type"}
    )
    uni_pc_order: int = Field(
        3,
        ge=1,
        le=50,
        title="UniPC order",
        description="At most the number of steps is used.",
        json_schema_extra={"infotext": "UniPC order"},
    )
    uni_pc_lower_order_final: bool = Field(
        True,
        title="UniPC lower order final",
        description="The last steps have lower orders.",
        json_schema_extra={"infotext": "UniPC lower order final"},
    )


class Ddim(BaseModel):
    """How DDIM spaces its timesteps."""

    model_config = ConfigDict(frozen=True)

    ddim_discretize: Literal["uniform", "quad"] = Field(
        "uniform",
        title="img2img DDIM discretize",
        description="quad: more steps at low noise, up to 80 % of the noise levels; only where drawing starts from a picture.",
        json_schema_extra={"infotext": "DDIM discretize"},
    )


SECTIONS = (SettingsSection("sampler-params", "Sampler parameters", UniPC), SettingsSection("sampler-params", "Sampler parameters", Ddim))
