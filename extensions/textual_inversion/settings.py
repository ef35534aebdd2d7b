"""The settings of embeddings, by A1111's keys."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class TextualInversionSettings(BaseModel):
    """What holds for every picture."""

    model_config = ConfigDict(frozen=True)

    textual_inversion_add_hashes_to_infotext: bool = Field(True, title="Add Textual Inversion hashes to infotext")
