"""The settings of the save buttons, under A1111's keys."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class SaveButtonSettings(BaseModel):
    """What a click on Save does."""

    model_config = ConfigDict(frozen=True)

    save_selected_only: bool = Field(True, title='When using "Save" button, only save a single selected image')
    save_write_log_csv: bool = Field(True, title='Write log.csv when saving images using the "Save" button')
