"""Pasted numbers stay within what the controls of the form show; what was beyond is named."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from app.testing.web import running_client
from extensions.generation_form.limits import within_limits

CONTROLS = {
    "steps": SimpleNamespace(minimum=1, maximum=150, label="Sampling steps"),
    "cfg_scale": SimpleNamespace(minimum=1, maximum=30, label="CFG Scale"),
    "seed": SimpleNamespace(minimum=None, maximum=None, label="Seed"),
}


@pytest.fixture
def form():
    return SimpleNamespace(find=CONTROLS.get)


def test_what_is_beyond_a_control_becomes_its_limit_and_is_said(form):
    values, told = within_limits({"steps": 500, "cfg_scale": 0.5, "seed": 10**12, "elsewhere": 9}, form)
    assert values == {"steps": 150, "cfg_scale": 1, "seed": 10**12, "elsewhere": 9}
    assert told == (
        "Sampling steps: 500 is not between 1 and 150; it is 150 now.",
        "CFG Scale: 0.5 is not between 1 and 30; it is 1 now.",
    )


def test_what_fits_stays_as_it_is(form):
    given = {"steps": 150, "cfg_scale": 7.25, "prompt": "500", "params.tiling.tiling": True}
    assert within_limits(given, form) == (given, ())


def test_the_form_is_filled_within_its_limits_and_its_note_says_so(make_host):
    host = make_host("txt2img", "samplers", "noise_schedules")
    with running_client(host) as client:
        config = client.get("/config").json()
        names = {each["props"].get("elem_id"): each["id"] for each in config["components"]}
        paste = next(each for each in config["dependencies"] if names["txt2img_pasted"] in each["outputs"])
        text = "a boat\nSteps: 500, Sampler: Euler, CFG scale: 7, Seed: 1, Size: 12x99999"
        asked = {"data": [text], "fn_index": paste["id"], "session_hash": "mine"}
        answer = client.post("/gradio_api/run/predict", json=asked).json()["data"]
    got = dict(zip(paste["outputs"], answer, strict=True))
    filled = {key: got[names[f"txt2img_{key}"]]["value"] for key in ("steps", "width", "height")}
    assert filled == {"steps": 150, "width": 64, "height": 2048}
    lines = json.loads(got[names["txt2img_pasted"]])["lines"]
    assert sorted(line.partition(":")[0] for line in lines) == ["Height", "Sampling steps", "Width"]
