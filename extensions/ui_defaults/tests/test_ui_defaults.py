"""ui-config.json: lines as A1111 writes them reach the controls, wrong ones are named, Apply writes what stands in the form."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.api import Host
from app.testing import HostMaker
from app.testing.web import running_client

ADDRESS = "/paintbox/v1/ui-defaults"
FORM = ("txt2img", "checkpoints", "samplers", "noise_schedules", "hires_fix", "ui_defaults")
Configured = Callable[..., Host]


@pytest.fixture
def configured(make_host: HostMaker) -> Configured:
    """A host whose data folder has this ui-config.json."""

    def make(lines: object = None, **options: Any) -> Host:
        host = make_host(*FORM, **options)
        if lines is not None:
            text = lines if isinstance(lines, str) else json.dumps(lines)
            (host.paths.data / "ui-config.json").write_text(text, encoding="utf-8")
        return host

    return make


def control(client: TestClient, elem_id: str) -> dict[str, Any]:
    components = client.get("/config").json()["components"]
    found: dict[str, Any] = next(each["props"] for each in components if each["props"].get("elem_id") == elem_id)
    return found


def test_values_and_limits_reach_the_controls(configured: Configured) -> None:
    lines = {
        "txt2img/Sampling steps/value": 33,
        "txt2img/Width/maximum": 4096,
        "txt2img/width /value": 3000,
        "txt2img/Sampling method/value": "Euler a",
        "customscript/seed.py/txt2img/Seed/value": 7,
        "txt2img/CFG Scale/visible": False,
        "txt2img/Prompt/value": "a cat",
        "txt2img/Batch count/minimum": 3,
    }
    with running_client(configured(lines)) as client:
        assert control(client, "txt2img_steps")["value"] == 33
        width = control(client, "txt2img_width")
        assert (width["maximum"], width["value"]) == (4096, 3000)
        assert control(client, "txt2img_sampling")["value"] == "Euler a"
        assert control(client, "txt2img_seed")["value"] == 7
        assert control(client, "txt2img_cfg_scale")["visible"] is False
        assert control(client, "txt2img_prompt")["value"] == "a cat"
        assert control(client, "txt2img_batch_count")["value"] == 3, "it moves to the nearest limit"
        listed = client.get(ADDRESS).json()
        assert (listed["applied"], listed["refused"], listed["unknown"]) == (8, {}, [])


def test_a1111s_newer_key_wins_over_its_older_one_and_ours_over_both(configured: Configured) -> None:
    lines = {"customscript/sampler.py/txt2img/Sampling steps/value": 41, "txt2img/sampling steps/value": 40}
    with running_client(configured(lines)) as client:
        assert control(client, "txt2img_steps")["value"] == 41


def test_lines_that_cannot_be_are_named_and_the_controls_stay(configured: Configured) -> None:
    lines = {
        "txt2img/Sampling steps/value": 900,
        "txt2img/Sampling method/value": "No such",
        "txt2img/Extra/value": "yes",
        "txt2img/Height/minimum": 5000,
        "txt2img/Width/step": 0,
        "txt2img/Nothing like it/value": 1,
        "nonsense": 1,
    }
    with running_client(configured(lines)) as client:
        assert control(client, "txt2img_steps")["value"] == 20
        assert control(client, "txt2img_height")["minimum"] == 64
        listed = client.get(ADDRESS).json()
        assert set(listed["refused"]) == {key for key in lines if key.startswith("txt2img/") and "Nothing" not in key}
        assert "it must be from 1 to 150" in listed["refused"]["txt2img/Sampling steps/value"]
        assert listed["unknown"] == ["nonsense", "txt2img/Nothing like it/value"]
        note = control(client, "page_problems")
        assert note["visible"] and "No such" in note["value"] and "is not one of its choices" in note["value"]


NUMBERS = """{
    "txt2img/Width/maximum": Infinity, "txt2img/Width/minimum": NaN, "txt2img/Height/minimum": NaN, "txt2img/Height/maximum": 32,
    "txt2img/Sampling steps/step": 1e-320, "txt2img/CFG Scale/maximum": 1e300, "txt2img/Batch size/value": NaN,
    "txt2img/Batch count/maximum": 123456789012345678901234567890, "txt2img/Seed/value": Infinity
}"""


def test_numbers_that_no_browser_can_count_with_are_refused(configured: Configured) -> None:
    with running_client(configured(NUMBERS)) as client:
        assert set(client.get(ADDRESS).json()["refused"]) == set(json.loads(NUMBERS))
        width, height = control(client, "txt2img_width"), control(client, "txt2img_height")
        assert [(each["minimum"], each["maximum"]) for each in (width, height)] == [(64, 2048)] * 2
        assert control(client, "txt2img_steps")["step"] == 1 and control(client, "txt2img_seed")["value"] == -1


def test_the_button_that_draws_cannot_be_hidden_and_others_can(configured: Configured) -> None:
    lines = {"txt2img/Generate/visible": False, "txt2img/Sampling method/visible": False}
    with running_client(configured(lines)) as client:
        assert control(client, "txt2img_generate")["visible"] is True and control(client, "txt2img_sampling")["visible"] is False
        assert list(client.get(ADDRESS).json()["refused"]) == ["txt2img/Generate/visible"]
        assert "nothing could be drawn without this button" in control(client, "page_problems")["value"]


@pytest.mark.parametrize("broken", ["{", "[]"])
def test_a_broken_file_is_named(configured: Configured, broken: str) -> None:
    with running_client(configured(broken)) as client:
        assert "ui-config.json" in control(client, "page_problems")["value"]
        assert client.post(ADDRESS).status_code == 422, "it is not overwritten"


def test_apply_writes_the_form_and_missing_lines_and_keeps_the_others(configured: Configured) -> None:
    host = configured({"txt2img/Sampling steps/value": 30, "img2img/Something/value": "kept"})
    with running_client(host) as client:
        host.jobs.drafts.set("", "txt2img", {"steps": 44, "cfg_scale": 7, "sampler": "No such", "prompt": ""})
        assert [(each["label"], each["default"], each["current"]) for each in client.get(ADDRESS).json()["changes"]] == [
            ("Sampling steps", 30, 44)
        ]
        answer = client.post(ADDRESS).json()
        assert answer["changed"] == 1 and answer["added"] > 20
        assert client.get(ADDRESS).json()["changes"] == [], "the file has it"
        host.jobs.drafts.set("", "txt2img", {"steps": 30})
        assert [(each["default"], each["current"]) for each in client.get(ADDRESS).json()["changes"]] == [(44, 30)]
        written = json.loads((host.paths.data / "ui-config.json").read_text())
        assert written["txt2img/Sampling steps/value"] == 44 and written["img2img/Something/value"] == "kept"
        assert written["txt2img/Width/maximum"] == 2048 and written["customscript/hires_fix/txt2img/Hires. fix/value"] is False
        client.post("/paintbox/v1/page/reload")
        assert client.get(ADDRESS).json()["applied"] == len(written) - 1


def test_another_file_can_be_named_and_frozen_settings_are_not_written(configured: Configured, tmp_path: Path) -> None:
    other = tmp_path / "mine.json"
    other.write_text('{"txt2img/Sampling steps/value": 12}')
    host = configured({"txt2img/Sampling steps/value": 30}, flags={"ui-config-file": str(other)}, lock_all_settings=True)
    with running_client(host) as client:
        assert control(client, "txt2img_steps")["value"] == 12
        assert client.post(ADDRESS).status_code == 403
