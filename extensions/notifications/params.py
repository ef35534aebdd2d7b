"""The settings of sound, screen and window title, under A1111's keys."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

_PAGE: JsonDict = {"page": True}


class SoundSettings(BaseModel):
    """The sound at the end of a job."""

    model_config = ConfigDict(frozen=True)

    notification_audio: bool = Field(
        True,
        title="Play notification sound after image generation",
        description="It is notification.mp3 in the data folder; without that file there is none.",
        json_schema_extra=_PAGE,
    )
    notification_volume: int = Field(
        100, ge=0, le=100, title="Notification sound volume", description="In percent.", json_schema_extra=_PAGE
    )


class ScreenSettings(BaseModel):
    """The screen while a job runs."""

    model_config = ConfigDict(frozen=True)

    prevent_screen_sleep_during_generation: bool = Field(True, title="Prevent screen sleep during generation", json_schema_extra=_PAGE)


class TitleSettings(BaseModel):
    """The title of the window while a job runs."""

    model_config = ConfigDict(frozen=True)

    show_progress_in_title: bool = Field(True, title="Show generation progress in window title", json_schema_extra=_PAGE)
