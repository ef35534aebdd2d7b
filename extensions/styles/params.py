"""What a user can set about styles."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

COUNTED = "include_styles_into_token_counters"


class StyleSettings(BaseModel):
    """Settings by A1111's keys."""

    model_config = ConfigDict(frozen=True)

    include_styles_into_token_counters: bool = Field(
        True,
        title="Count tokens of enabled styles",
        description="The counters at the prompts count the texts of the chosen styles as well.",
    )
