"""The settings of grids with labels, under A1111's keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from app.api import Json, UserError
from extensions.scripts.grid import GridStyle

if TYPE_CHECKING:
    from app.api import Host

COLOUR = r"^#[0-9a-fA-F]{6}([0-9a-fA-F]{2})?$"


def _color(default: str, title: str) -> Any:
    extra: dict[str, Json] = {"control": "color"}
    return Field(default, pattern=COLOUR, title=title, json_schema_extra=extra)


class GridTextSettings(BaseModel):
    """How labels of grids look."""

    model_config = ConfigDict(frozen=True)

    font: str = Field(
        "",
        title="Font for image grids that have text",
        description="A TrueType or OpenType file; empty: the one that comes with Paintbox, or one of the system that has the characters.",
        json_schema_extra={"is_path": True, "is_source": True},
    )
    grid_text_active_color: str = _color("#000000", "Text color for image grids")
    grid_text_inactive_color: str = _color("#999999", "Inactive text color for image grids")


def grid_style(settings: Mapping[str, Json], host: Host) -> GridStyle:
    """How the settings want grids to look; raises UserError for a font file that cannot be read."""
    options = GridTextSettings.model_validate({key: settings[key] for key in GridTextSettings.model_fields if key in settings})
    path = host.paths.resolve(options.font) if options.font else None
    if path is not None and not path.is_file():
        raise UserError(f"There is no font {path}.", hint="Correct the setting Font for image grids that have text.", field="font")
    background = settings.get("grid_background_color", "#ffffff")
    return GridStyle(str(background), options.grid_text_active_color, options.grid_text_inactive_color, path)
