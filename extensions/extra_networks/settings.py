"""How cards are listed and shown, by A1111's keys."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class NetworkCards(BaseModel):
    """What holds for the tabs of all kinds."""

    model_config = ConfigDict(frozen=True)

    extra_networks_show_hidden_directories: bool = Field(
        True, title="Show hidden directories", description="Folders whose names begin with a dot, among the buttons of folders."
    )
    extra_networks_dir_button_function: bool = Field(
        False,
        title="Add a '/' to the beginning of directory buttons",
        description="Then a button finds its folder and none of the same name.",
    )
    extra_networks_hidden_models: Literal["Always", "When searched", "Never"] = Field(
        "When searched",
        title="Show cards for models in hidden directories",
        description="When searched: with four letters or more in the search.",
        json_schema_extra={"control": "radio"},
    )
    extra_networks_default_multiplier: float = Field(
        1.0, title="Default multiplier for extra networks", ge=0, le=2, json_schema_extra={"step": 0.01}
    )
    extra_networks_card_width: int = Field(0, title="Card width for Extra Networks", description="In pixels; 0: as the page likes.", ge=0)
    extra_networks_card_height: int = Field(0, title="Card height for Extra Networks", description="In pixels; 0: as the page likes.", ge=0)
    extra_networks_card_text_scale: float = Field(1.0, title="Card text scale", ge=0, le=2, json_schema_extra={"step": 0.01})
    extra_networks_card_show_desc: bool = Field(True, title="Show description on card")
    extra_networks_card_order_field: Literal["Path", "Name", "Date Created", "Date Modified"] = Field(
        "Path", title="Default order field for Extra Networks cards"
    )
    extra_networks_card_order: Literal["Ascending", "Descending"] = Field("Ascending", title="Default order for Extra Networks cards")
    extra_networks_tree_view_style: Literal["Tree", "Dirs"] = Field(
        "Dirs", title="Extra Networks directory view style", json_schema_extra={"control": "radio"}
    )
    extra_networks_tree_view_default_enabled: bool = Field(True, title="Show the Extra Networks directory view by default")
    extra_networks_tree_view_default_width: int = Field(
        180, title="Default width for the Extra Networks directory tree view", ge=60, le=1000
    )
    extra_networks_add_text_separator: str = Field(
        " ", title="Extra networks separator", description="Between the prompt and what a click on a card adds to it."
    )
    ui_extra_networks_tab_reorder: str = Field(
        "",
        title="Extra networks tab order",
        description="Names, or parts of names, with commas between.",
        json_schema_extra={"reload": True},
    )
