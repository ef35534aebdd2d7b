"""Values of a draft that no control can show are refused when it is kept, and left out when the page is opened."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import gradio as gr
import pytest

from app.web.draft_values import misfit
from tests.web.conftest import Site, SiteMaker
from tests.web.test_page import FEATURES, config_of

DRAFT = "/paintbox/v1/drafts/txt2img"


def controls() -> dict[str, tuple[Any, list[Any], list[Any]]]:
    """A control of each kind, values that it can have and values that it cannot."""
    with gr.Blocks():
        return {
            "slider": (gr.Slider(1, 150, value=20), [1, 20.5, 150], [0, 151, "20", None, True, [20]]),
            "number": (gr.Number(-1), [-1, 10**20, 0.5, None], ["-1", False, {}]),
            "textbox": (gr.Textbox(""), ["", "a cat"], [None, 5, False, ["a"], {"a": 1}]),
            "unfilled": (gr.Textbox(visible="hidden"), [None, "x"], [0, False]),
            "tick": (gr.Checkbox(False), [True, False], [None, 0, "true"]),
            "radio": (gr.Radio([("None", 0), ("Fill", 1)], value=0), [0, 1], [2, "Fill", None]),
            "ticks": (gr.CheckboxGroup(["a", "b"]), [[], ["a", "b"]], ["a", ["c"], 5]),
            "choice": (gr.Dropdown(["a"], value="a"), ["a", "a file that came later", None], [False, ["a"], {}]),
            "choices": (gr.Dropdown(["a"], value=[], multiselect=True), [[], ["a", "new"]], ["a", [False], [["a"]], None]),
        }


@pytest.mark.parametrize("name", list(controls()))
def test_what_fits_a_control_and_what_does_not(name: str) -> None:
    component, good, bad = controls()[name]
    assert [value for value in good if misfit(component, value)] == []
    assert [value for value in bad if not misfit(component, value)] == []


@pytest.fixture
def drawn(make_site: SiteMaker) -> Iterator[Site]:
    """A site with a form."""
    yield make_site(*FEATURES)


def restored(site: Site) -> dict[str, Any]:
    """What the page is filled with when it is opened, by element id."""
    config = config_of(site)
    load = next(each for each in config["dependencies"] if [target[1] for target in each["targets"]] == ["load"])
    hand_out = next(each for each in config["dependencies"] if "restored" in str(each["js"]))
    asked = {"data": [""], "fn_index": load["id"], "session_hash": "mine"}
    answer = site.client.post(f"{config['root']}/gradio_api/run/predict", json=asked).json()
    told = json.loads(answer["data"][load["outputs"].index(hand_out["inputs"][0])])
    names = {each["id"]: each["props"].get("elem_id") for each in config["components"]}
    return {names[hand_out["outputs"][int(place)]]: value for place, value in told.items()}


def test_a_kept_draft_fills_the_page_without_the_values_that_do_not_fit(drawn: Site) -> None:
    odd = {"prompt": False, "negative_prompt": "fog", "steps": "many", "cfg_scale": 900, "seed": 5, "sampler": {"a": 1}}
    drawn.host.jobs.drafts.set("", "txt2img", odd)
    values = restored(drawn)
    assert (values["txt2img_neg_prompt"], values["txt2img_seed"]) == ("fog", 5)
    assert not {"txt2img_prompt", "txt2img_steps", "txt2img_cfg_scale", "txt2img_sampling"} & set(values)


def test_a_draft_with_such_a_value_is_refused_by_its_name(drawn: Site) -> None:
    answer = drawn.client.put(DRAFT, json={"prompt": "a cat", "steps": "many"})
    assert answer.status_code == 422
    assert (answer.json()["field"], answer.json()["detail"]) == ("steps", "steps: it must be a number.")
    assert drawn.client.get(DRAFT).json() == {}
    assert drawn.client.put(DRAFT, json={"prompt": "a cat", "of_an_extension_that_is_off": [1]}).status_code == 204


def test_the_draft_of_a_browser_tab_is_its_own_and_knows_what_nobody_typed(drawn: Site) -> None:
    assert drawn.client.put(DRAFT, params={"tab": "mine"}, json={"prompt": "a cat", "steps": 20, "seed": 4}).status_code == 204
    drawn.client.put(DRAFT, json={"prompt": "a dog"})
    kept = drawn.host.jobs.drafts.get("", "txt2img", "mine") or {}
    assert (kept["prompt"], kept["#defaults"]) == ("a cat", {"at": ["steps"], "adjusted": []})
    assert drawn.client.get(DRAFT).json() == {"prompt": "a dog"}
    assert drawn.client.put(DRAFT, params={"tab": "../x"}, json={}).status_code == 422
