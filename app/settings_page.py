"""The host's own settings of the page, under A1111's keys."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from app.values.model import CHECKPOINT_SETTING

_RELOAD: JsonDict = {"reload": True}
_PAGE: JsonDict = {"page": True}


class UserInterface(BaseModel):
    """The page."""

    model_config = ConfigDict(frozen=True)

    quicksettings_list: list[str] = Field(
        [CHECKPOINT_SETTING],
        title="Quicksettings list",
        description="Settings at the top of the page, in this order.",
        json_schema_extra=_RELOAD,
    )
    ui_tab_order: list[str] = Field([], title="UI tab order", description="These come first.", json_schema_extra=_RELOAD)
    hidden_tabs: list[str] = Field([], title="Hidden UI tabs", json_schema_extra=_RELOAD)
    page_theme: Literal["Automatic", "Light", "Dark"] = Field(
        "Automatic", title="Theme of the page", description="?__theme=dark in the address and --theme win.", json_schema_extra=_RELOAD
    )
    return_grid: bool = Field(True, title="Show grid in gallery")
    interrupt_after_current: bool = Field(
        True,
        title="Don't Interrupt in the middle",
        description="The first click on Interrupt lets the running pictures finish; the second one stops at once.",
    )
    send_seed: bool = Field(True, title="Send seed when sending prompt or image to other interface")
    send_size: bool = Field(True, title="Send size when sending prompt or image to another interface")


class Gallery(BaseModel):
    """The pictures of a form."""

    model_config = ConfigDict(frozen=True)

    do_not_show_images: bool = Field(
        False, title="Do not show any images in gallery", description="Their parameters are shown, and they can be saved and sent."
    )
    gallery_height: str = Field(
        "",
        title="Gallery height",
        description="A length as in style sheets, such as 768px or 40em; empty: 480px.",
        pattern=r"^\s*(\d+(\.\d+)?(px|em|rem|ch|vh|vw|dvh|cm|mm|in|pt|%))?\s*$",
        json_schema_extra=_PAGE,
    )
