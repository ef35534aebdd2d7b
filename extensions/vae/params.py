"""The settings of VAE files, by A1111's keys."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

SETTING = "sd_vae"
OVERRIDES = "sd_vae_overrides_per_model_preferences"
AUTOMATIC, NONE = "Automatic", "None"


class VaeSettings(BaseModel):
    """Which VAE is used."""

    model_config = ConfigDict(frozen=True)

    sd_vae: str = Field(
        AUTOMATIC,
        title="SD VAE",
        description="Automatic: the file that belongs to the checkpoint. None: the checkpoint's own.",
        json_schema_extra={"infotext": "VAE", "first_pass": "encoding"},
    )
    sd_vae_overrides_per_model_preferences: bool = Field(
        True,
        title="Selected VAE overrides per-model preferences",
        description="A checkpoint has a VAE of its own when its metadata name one, or when a VAE file's name begins with the checkpoint's.",
    )


class VaeInfotextSettings(BaseModel):
    """What infotexts tell of it."""

    model_config = ConfigDict(frozen=True)

    add_vae_name_to_info: bool = Field(True, title="Add VAE name to infotext")
    add_vae_hash_to_info: bool = Field(True, title="Add VAE hash to infotext")
