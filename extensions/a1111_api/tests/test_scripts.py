"""Scripts over A1111's API: lists, arguments in order and by name, the grid first, and what is refused."""

from __future__ import annotations

import base64
import io
import json

import pytest
from PIL import Image

from extensions.a1111_api.tests.conftest import running_api

XYZ = ["x_type", "x_values", "x_values_dropdown", "y_type", "y_values", "y_values_dropdown", "z_type", "z_values", "z_values_dropdown"]
REST = {
    "draw_legend": True, "include_lone_images": True, "include_sub_grids": False, "no_fixed_seeds": False, "vary_seeds_x": False,
    "vary_seeds_y": False, "vary_seeds_z": False, "margin_size": 0, "csv_mode": False,
}  # fmt: skip
STEPS, CFG = 4, 6
"""Numbers of these axes in A1111's list for txt2img."""
FEATURES = ("freeu", "cfg_rescale", "token_merging", "hires_fix", "refiner", "tiling", "soft_inpainting")
DRAWN = {"prompt": "a cat", "steps": 2, "width": 64, "height": 64, "seed": 11}


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    with running_api(
        tmp_path_factory.mktemp("scripts"), "xyz_plot", "prompt_matrix", "aesthetic_gradients", "dynamic_prompts", *FEATURES
    ) as running:
        yield running


def positional(x, y=(0, "", []), z=(0, "", []), **rest):
    return [*x, *y, *z, *{**REST, **rest}.values()]


def pictures(answer):
    return [Image.open(io.BytesIO(base64.b64decode(image))) for image in answer["images"]]


def test_scripts_are_listed_by_form(api):
    listed = api.get("scripts").json()
    assert set(listed) == {"txt2img", "img2img"}
    assert listed["txt2img"][-2:] == ["prompt matrix", "x/y/z plot"] and "aesthetic embeddings" in listed["txt2img"]


def test_arguments_are_described(api):
    infos = api.get("script-info").json()
    plot = next(info for info in infos if info["name"] == "x/y/z plot" and not info["is_img2img"])
    assert (plot["is_alwayson"], len(plot["args"])) == (False, len(XYZ) + len(REST))
    kind = plot["args"][0]
    assert (kind["label"], kind["value"], kind["choices"][:5]) == (
        "X type",
        "Seed",
        ["Nothing", "Seed", "Var. seed", "Var. strength", "Steps"],
    )
    margin = next(argument for argument in plot["args"] if argument["label"] == "Grid margins (px)")
    assert (margin["minimum"], margin["maximum"], margin["step"], margin["value"]) == (0, 500, 2, 0)
    assert any(info["is_alwayson"] and info["args"] for info in infos)
    here = next(info for info in infos if info["name"] == "x/y/z plot" and info["is_img2img"])["args"][0]["choices"]
    assert "Hires steps" in kind["choices"] and "Hires steps" not in here and "Image CFG Scale" in here


def test_a_plot_gives_the_grid_first_and_then_the_pictures(api):
    answer = api.draw(**DRAWN, script_name="X/Y/Z plot", script_args=positional((STEPS, "1-3", []), (CFG, "1,5", [])))
    grid, *drawn = pictures(answer)
    assert len(drawn) == 6 and grid.width > 3 * 64 and grid.height > 2 * 64
    info = json.loads(answer["info"])
    assert len(info["all_seeds"]) == len(info["infotexts"]) == len(info["all_prompts"]) == 7
    assert "Script: X/Y/Z plot, X Type: Steps, X Values: 1-3, Y Type: CFG Scale" in info["infotexts"][0]
    assert [text.split("Steps: ")[1][0] for text in info["infotexts"][1:]] == list("123123")
    alone = api.draw(**{**DRAWN, "steps": 2, "cfg_scale": 5})
    assert drawn[4].tobytes() == pictures(alone)[0].tobytes()


def test_arguments_by_name_need_not_be_complete(api):
    answer = api.draw(**DRAWN, script_name="x/y/z PLOT", script_args={"x_type": "Seed", "x_values": "1,2", "draw_legend": False})
    (grid,) = pictures(answer)
    assert grid.size == (128, 64)
    answer = api.draw(**{**DRAWN, "prompt": "a cat|red"}, script_name="Prompt matrix", script_args=[])
    assert len(pictures(answer)) == 3
    answer = api.draw(**DRAWN, script_name="None", script_args=[])
    assert len(pictures(answer)) == 1


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"script_name": "gone"}, "Script 'gone' not found"),
        ({"script_name": "X/Y/Z plot", "script_args": [1, "2"]}, "takes 18 arguments, not 2"),
        ({"script_name": "X/Y/Z plot", "script_args": positional((500, "1", []))}, "no choice 500 for X type"),
        ({"script_name": "X/Y/Z plot", "script_args": {"colour": 1}}, "no field 'colour'"),
        ({"script_name": "X/Y/Z plot", "script_args": positional((STEPS, "1,none", []))}, "X axis, Steps: 'none' is not a number"),
        ({"script_name": "X/Y/Z plot", "script_args": {"margin_size": "wide"}}, "Grid margins"),
        ({"alwayson_scripts": {"X/Y/Z plot": {"args": []}}}, "not one that is always on"),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(api, body, sentence):
    answer = api.post("txt2img", {**DRAWN, **body})
    assert answer.status_code == 422 and sentence in answer.text


@pytest.mark.parametrize("title", ["Dynamic Prompts v2.17.1", "dynamic prompts v2.11.0", "Dynamic Prompts"])
def test_an_always_on_script_is_known_by_its_title_in_any_version(api, title):
    answer = api.draw(**{**DRAWN, "prompt": "{cat|cat}, {dog|owl}"}, alwayson_scripts={title: {"args": [True, True, 1]}})
    assert json.loads(answer["info"])["all_prompts"] == ["cat, dog", "cat, owl", "cat, dog", "cat, owl"]
    off = api.draw(**{**DRAWN, "prompt": "{cat|cat}"}, alwayson_scripts={title: {"args": [False]}})
    assert json.loads(off["info"])["all_prompts"] == ["{cat|cat}"]


@pytest.mark.parametrize("name", ["FreeU", "freeu"])
def test_a_feature_without_a_field_of_its_own_is_an_always_on_script(api, name):
    """By its extension's title or its id, with arguments in order or by name."""
    factors = "FreeU: True, FreeU b1: 1.1, FreeU b2: 1.2, FreeU s1: 0.9, FreeU s2: 0.2"
    in_order = api.draw(**DRAWN, alwayson_scripts={name: {"args": [True, 1.1, 1.2]}})
    by_name = api.draw(**DRAWN, alwayson_scripts={name: {"args": {"enabled": True, "b1": 1.1, "b2": 1.2}}})
    assert factors in json.loads(in_order["info"])["infotexts"][0] and in_order["images"] == by_name["images"]
    assert in_order["images"] != api.draw(**DRAWN)["images"]
    refused = api.post("txt2img", {**DRAWN, "alwayson_scripts": {name: {"args": [True, 9]}}})
    assert refused.status_code == 422 and "b1" in refused.text


def test_features_without_fields_of_their_own_are_listed_with_their_arguments(api):
    listed = api.get("scripts").json()["txt2img"]
    assert {"freeu", "cfg rescale"} < set(listed) and not {"hires. fix", "image to image", "tiling"} & set(listed)
    assert listed.count("refiner") == 1
    info = next(info for info in api.get("script-info").json() if info["name"] == "freeu")
    assert info["is_alwayson"] and [argument["label"] for argument in info["args"]][:2] == ["FreeU", "Backbone 1"]
    assert (info["args"][1]["minimum"], info["args"][1]["maximum"], info["args"][1]["value"]) == (0, 2, 1.5)


def test_an_always_on_script_is_listed_for_the_forms_that_have_it(api):
    listed = api.get("scripts").json()
    assert "soft inpainting" in listed["img2img"] and "soft inpainting" not in listed["txt2img"]
    assert [info["is_img2img"] for info in api.get("script-info").json() if info["name"] == "soft inpainting"] == [True]


def test_an_infotext_reaches_these_features_and_says_what_nothing_took(api):
    text = "a cat\nSteps: 2, Sampler: Euler, CFG scale: 7, Seed: 11, Size: 64x64, CFG Rescale: 0.5, Wobble: 3, Version: v1.10.1"
    info = json.loads(api.draw(infotext=text)["info"])
    assert "CFG Rescale: 0.5" in info["infotexts"][0]
    assert [comment for comment in info["comments"] if "nothing here" in comment] == ["infotext: There is nothing here for: Wobble (3)."]
    again = json.loads(api.draw(infotext=info["infotexts"][0])["info"])
    assert not [comment for comment in again["comments"] if "nothing here" in comment]
    sent = api.draw(infotext=text, alwayson_scripts={"cfg_rescale": {"args": [0]}})
    assert "CFG Rescale" not in json.loads(sent["info"])["infotexts"][0]


def test_a_setting_that_is_sent_comes_before_the_infotext_s(api):
    text = "a cat\nSteps: 2, Sampler: Euler, CFG scale: 7, Seed: 11, Size: 64x64, Token merging ratio: 0.5"
    assert "Token merging ratio: 0.5" in json.loads(api.draw(infotext=text)["info"])["infotexts"][0]
    sent = json.loads(api.draw(infotext=text, override_settings={"token_merging_ratio": 0.2})["info"])
    assert "Token merging ratio: 0.2" in sent["infotexts"][0]
