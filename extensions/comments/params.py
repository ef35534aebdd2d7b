"""What a user can set of comments in prompts."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

SETTING = "enable_prompt_comments"


class CommentSettings(BaseModel):
    """On unless switched off."""

    model_config = ConfigDict(frozen=True)

    enable_prompt_comments: bool = Field(
        True, title="Enable comments", description="# anywhere in a prompt hides the text from there to the end of the line."
    )
