"""What a user can set about checkpoints, and the request of the job that loads one."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from app.api import Value

SETTING = "sd_model_checkpoint"
KIND = "load_checkpoint"
UNLOAD_KIND = "unload_checkpoint"
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
    sd_checkpoint_dropdown_use_short: bool = Field(
        False,
        title="Checkpoint dropdown: use filenames without paths",
        description="A file photo/sd15.safetensors is listed as sd15.",
    )


class LoadRequest(Value):
    """Load ``checkpoint``, the one in use where it is None; ``previous`` is what the setting says again when that fails."""

    checkpoint: str | None = None
    previous: str | None = None


class UnloadRequest(Value):
    """Give the memory of all checkpoints back; the next picture loads what it needs."""
