"""The settings of the save buttons, under A1111's keys."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

ROOT, EVEN_SPOOL = "Output Root", "Subdirectory (even temp dir)"


class FolderSettings(BaseModel):
    """What a click on 📂 opens."""

    model_config = ConfigDict(frozen=True)

    open_dir_button_choice: Literal["Output Root", "Subdirectory", "Subdirectory (even temp dir)"] = Field(
        "Subdirectory", title="What directory the [📂] button opens", description="Subdirectory: that of the selected picture."
    )


class SaveButtonSettings(BaseModel):
    """What a click on Save does."""

    model_config = ConfigDict(frozen=True)

    save_selected_only: bool = Field(True, title='When using "Save" button, only save a single selected image')
    save_write_log_csv: bool = Field(True, title='Write log.csv when saving images using the "Save" button')
