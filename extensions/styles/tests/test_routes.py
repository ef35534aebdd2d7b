"""The list of styles as API clients read it, what the page's editor asks, and the drop-downs on the page."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.api import GenerationRequest
from app.testing.hosts import temporary_host
from app.testing.runs import RecordingRun
from app.testing.web import running_client
from extensions.styles import edit_counted_prompt, edit_request
from extensions.styles.panel import listed, still_there

ROUTE = "/paintbox/v1/styles"


@pytest.fixture
def host(tmp_path: Path):
    (tmp_path / "styles.csv").write_text("name,prompt,negative_prompt\nInk,in ink,colours\n", encoding="utf-8")
    return temporary_host(tmp_path, ["styles"], options={"nowebui": True})


def test_styles_of_several_files_are_listed_with_dividers(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("name,prompt,negative_prompt\nInk,in ink,colours\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("name,prompt,negative_prompt\nOil,oil,\n", encoding="utf-8")
    host = temporary_host(tmp_path, ["styles"], options={"nowebui": True, "flags": {"styles-file": ["*.csv"]}})
    with running_client(host) as client:
        listed = client.get("/sdapi/v1/prompt-styles").json()
    assert listed[0] == {"name": "------------------ A -------------------", "prompt": None, "negative_prompt": None}
    assert [(style["name"], style["prompt"], style["negative_prompt"]) for style in listed[1::2]] == [
        ("Ink", "in ink", "colours"),
        ("Oil", "oil", ""),
    ]


def test_styles_are_saved_and_deleted(host):
    with running_client(host) as client:
        saved = client.put(ROUTE, json={"name": "Ink/wet", "prompt": "wet {prompt}", "negative_prompt": "dry"})
        assert saved.json() == {"name": "Ink/wet", "prompt": "wet {prompt}", "negative_prompt": "dry", "file": "styles.csv"}
        assert [style["name"] for style in client.get(ROUTE).json()] == ["Ink", "Ink/wet"]
        assert client.delete(ROUTE, params={"name": "Ink"}).json()["negative_prompt"] == "colours"
        assert [style["name"] for style in client.get("/sdapi/v1/prompt-styles").json()] == ["Ink/wet"]
        assert client.delete(ROUTE, params={"name": "Ink"}).status_code == 404
        refused = client.put(ROUTE, json={"name": "# no"})
    assert refused.status_code == 422 and refused.json()["field"] == "name"


def test_the_list_of_the_page_follows_the_file_and_says_what_is_wrong_with_it(host):
    assert (listed(host)["choices"], listed(host)["info"]) == (["Ink"], "")
    assert still_there(["Oil", "Ink"], host) == ["Ink"]
    (host.paths.data / "styles.csv").write_bytes(b"name,prompt\nx,\xff\n")
    assert listed(host)["choices"] == [] and "styles.csv cannot be read" in listed(host)["info"]
    assert still_there(["Oil", "Ink"], host) == ["Oil", "Ink"]


def test_a_style_that_there_is_not_is_told(host):
    run = RecordingRun(host)
    request = edit_request(GenerationRequest(prompt="a hill", styles=("Gone", "Ink")), run)
    assert (request.prompt, request.negative_prompt) == ("a hill, in ink", "colours")
    assert [comment for comment in run.comments if "Gone" in comment]


def test_counted_prompts_have_the_styles_unless_the_setting_says_otherwise(host):
    assert edit_counted_prompt("a hill", False, ["Ink"], host) == "a hill, in ink"
    assert edit_counted_prompt("fog", True, ["Ink"], host) == "fog, colours"
    host.settings.set({"include_styles_into_token_counters": False})
    assert edit_counted_prompt("a hill", False, ["Ink"], host) == "a hill"
