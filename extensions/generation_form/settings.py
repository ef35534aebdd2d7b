"""The settings of the shared form, under A1111's keys."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class PromptEditing(BaseModel):
    """What helps with typing prompts."""

    model_config = ConfigDict(frozen=True)

    disable_token_counters: bool = Field(False, title="Disable prompt token counters")
