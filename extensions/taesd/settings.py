"""The settings that put TAESD in the VAE's place, under A1111's keys."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

TAESD = "TAESD"
Method = Literal["Full", "TAESD"]


class TaesdSettings(BaseModel):
    """Which network encodes and decodes."""

    model_config = ConfigDict(frozen=True)

    sd_vae_encode_method: Method = Field(
        "Full",
        title="VAE type for encode",
        description="Of the pictures that image to image, inpainting and hires fix begin with. TAESD needs its file in models/VAE-taesd.",
        json_schema_extra={"infotext": "VAE Encoder", "first_pass": "encoding", "control": "radio"},
    )
    sd_vae_decode_method: Method = Field(
        "Full",
        title="VAE type for decode",
        description="Of finished pictures. TAESD is faster and softer, and needs its file in models/VAE-taesd.",
        json_schema_extra={"infotext": "VAE Decoder", "first_pass": "no part", "control": "radio"},
    )
