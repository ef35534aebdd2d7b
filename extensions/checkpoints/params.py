"""What a user can set about checkpoints, and the request of the job that loads one."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from app.api import Value

SETTING = "sd_model_checkpoint"
KIND = "load_checkpoint"
PANEL = "checkpoint"
VAE_FIELD = "vae"
"""Field of the notes beside a checkpoint: the VAE that it is used with."""


class CheckpointSettings(BaseModel):
    """The checkpoint in use."""

    model_config = ConfigDict(frozen=True, protected_namespaces=())

    sd_model_checkpoint: str | None = Field(
        None,
        title="Stable Diffusion checkpoint",
        description="Empty: the first that can be loaded.",
        json_schema_extra={"quicksettings_panel": PANEL},
    )


class LoadRequest(Value):
    """Load ``checkpoint``; ``previous`` is what the setting says again when that fails."""

    checkpoint: str
    previous: str | None = None
