"""The setting of deleted pictures."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class TrashSettings(BaseModel):
    """How long they can be brought back."""

    model_config = ConfigDict(frozen=True)

    deleted_pictures_days: int = Field(
        30, ge=0, le=3650, title="Days for which deleted images can be brought back", description="0: until the folder trash is emptied."
    )
