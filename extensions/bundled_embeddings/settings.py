"""The setting of embeddings in LoRA files, by A1111's key."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class BundledSettings(BaseModel):
    """What holds for every picture."""

    model_config = ConfigDict(frozen=True)

    lora_bundled_ti_to_infotext: bool = Field(True, title="Add Lora name as TI hashes for bundled Textual Inversion")
