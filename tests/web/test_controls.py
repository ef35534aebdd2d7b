"""Every kind of option gets its control, in the quicksettings row too."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, Literal

import gradio as gr
import pytest
from pydantic import Field

from app.settings_core import core_sections
from app.values.params import Params
from app.web import quicksettings
from app.web.controls import draw_control
from tests.web.conftest import SiteMaker
from tests.web.test_page import config_of, elem_ids, texts

LISTED = {
    "CLIP_stop_at_last_layers": "slider",
    "sigma_min": "number",
    "samples_save": "checkbox",
    "samples_format": "dropdown",
    "outdir_samples": "textbox",
    "quicksettings_list": "dropdown",
}


class Odd(Params):
    feature: ClassVar[str] = "odd"
    narrow: float = Field(0.5, ge=0.0, le=1.0)
    wide: float = Field(5, ge=0.0, le=100.0)
    whole: int | None = Field(3, ge=0, le=10)
    stepped: float = Field(0, ge=0, le=10, json_schema_extra={"step": 2.5})
    several: list[Literal["a", "b"]] = []


def test_the_steps_of_sliders() -> None:
    with gr.Blocks():
        steps = {name: getattr(draw_control(name, field, elem_id=name), "step", None) for name, field in Odd.model_fields.items()}
    assert steps == {"narrow": 0.01, "wide": 0.5, "whole": 1, "stepped": 2.5, "several": None}


@pytest.mark.parametrize("section", core_sections(), ids=lambda owned: owned.value.id)
def test_every_core_setting_can_be_drawn(section) -> None:
    with gr.Blocks():
        for name, field in section.value.model.model_fields.items():
            assert draw_control(name, field, elem_id=name).elem_id == name


def test_every_kind_of_setting_stands_in_the_quicksettings(make_site: SiteMaker) -> None:
    settings = {"executor": "staged", "quicksettings_list": ["sd_model_checkpoint", *LISTED, "not_a_setting"]}
    config = config_of(make_site("checkpoints", settings=settings))
    drawn = {c["props"].get("elem_id"): c["type"] for c in config["components"]}
    assert {key: drawn.get(f"setting_{key}") for key in LISTED} == LISTED
    assert "setting_sd_model_checkpoint" in drawn


def test_a_control_that_fails_leaves_the_page_alone(
    make_site: SiteMaker, write_extension: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = quicksettings.draw_control

    def failing(name: str, *given: object, **named: object) -> object:
        if name == "samples_save":
            raise RuntimeError("no paint")
        return plain(name, *given, **named)

    monkeypatch.setattr(quicksettings, "draw_control", failing)
    settings = {"executor": "staged", "quicksettings_list": ["samples_save", "samples_format"]}
    config = config_of(make_site("txt2img", settings=settings))
    assert {"setting_samples_format", "txt2img_generate"} <= elem_ids(config)
    assert "samples_save" in texts(config)


FILES = """
from pydantic import BaseModel, Field
from app.api import Choices, SettingsSection, hookimpl

FOUND = ["a.txt"]

class Mine(BaseModel):
    my_file: str = Field("gone.txt", title="My file")
    my_token: str = Field("", title="My token", json_schema_extra={"secret": True})
    my_hidden: str = Field("", title="My own", json_schema_extra={"hidden": True})

@hookimpl
def register_settings(host):
    files = Choices(lambda: FOUND, lambda: FOUND.append("b.txt"))
    return [SettingsSection("mine", "Mine", Mine, choices={"my_file": files})]
"""


def test_a_setting_whose_choices_are_files_has_a_refresh_button(make_site: SiteMaker, write_extension: Callable[..., Path]) -> None:
    write_extension("mine", FILES)
    settings = {"executor": "staged", "quicksettings_list": ["my_file", "my_token", "my_hidden", "disabled_extensions"]}
    config = config_of(make_site("mine", settings=settings))
    drawn = {c["props"].get("elem_id"): c for c in config["components"]}
    assert drawn["setting_my_file"]["props"]["choices"] == [["a.txt", "a.txt"], ["gone.txt (not found)", "gone.txt"]]
    button = drawn["refresh_my_file"]["id"]
    clicked = [event["outputs"] for event in config["dependencies"] if [button, "click"] in event["targets"]]
    assert clicked == [[drawn["setting_my_file"]["id"]]]
    unseen = ("setting_my_token", "setting_my_hidden", "setting_disabled_extensions")
    assert not drawn.keys() & set(unseen), "neither secrets nor what has no control in the settings"


def test_a_panel_stands_where_the_list_names_its_setting(make_site: SiteMaker) -> None:
    settings = {"executor": "staged", "quicksettings_list": ["n_rows", "sd_model_checkpoint", "samples_format"]}
    config = config_of(make_site("checkpoints", settings=settings))
    ids = [component["props"].get("elem_id") for component in config["components"]]
    assert ids.index("setting_n_rows") < ids.index("setting_sd_model_checkpoint") < ids.index("setting_samples_format")
