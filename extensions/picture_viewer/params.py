"""The settings of the viewer, under A1111's keys."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

_PAGE: JsonDict = {"page": True}


class ViewerSettings(BaseModel):
    """How pictures are shown large."""

    model_config = ConfigDict(frozen=True)

    js_modal_lightbox: bool = Field(True, title="Full page image viewer: enable", json_schema_extra=_PAGE)
    js_modal_lightbox_initially_zoomed: bool = Field(
        True,
        title="Full page image viewer: show images zoomed in by default",
        description="As large as the window.",
        json_schema_extra=_PAGE,
    )
    js_live_preview_in_modal_lightbox: bool = Field(False, title="Show Live preview in full page image viewer", json_schema_extra=_PAGE)
    sd_webui_modal_lightbox_icon_opacity: float = Field(
        1.0, ge=0.0, le=1.0, title="Full page image viewer: control icon unfocused opacity", json_schema_extra=_PAGE
    )
    sd_webui_modal_lightbox_toolbar_opacity: float = Field(
        0.9, ge=0.0, le=1.0, title="Full page image viewer: tool bar opacity", json_schema_extra=_PAGE
    )
