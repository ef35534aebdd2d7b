"""Settings as data: sections in A1111's order, changing all or none, reset, what needs a reload, and secrets that stay secret."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from starlette.testclient import TestClient

from app.api import Host
from app.testing import HostMaker
from app.testing.web import running_client

ADDRESS = "/paintbox/v1/settings"
FIELDS = """
from typing import Literal
from pydantic import BaseModel, Field
from app.api import Choices, SettingsSection, hookimpl

FOUND = ["a.txt", "c.txt [abcdef0123]"]

class Mine(BaseModel):
    my_file: str = Field("None", title="My file")
    my_token: str = Field("", title="My token", json_schema_extra={"secret": True})
    my_broken: str = Field("x", title="Broken choices")
    my_start: bool = Field(False, title="Needs a start", json_schema_extra={"restart": True})

def fail():
    raise OSError("the disk is gone")

@hookimpl
def register_settings(host):
    files = Choices(lambda: ["None", *FOUND], lambda: FOUND.append("b.txt"))
    return [SettingsSection("mine", "Mine", Mine, choices={"my_file": files, "my_broken": Choices(fail)}, category="My things")]
"""


@pytest.fixture
def host(make_host: HostMaker, write_extension: Callable[..., Path]) -> Iterator[Host]:
    write_extension("mine", FIELDS)
    yield make_host("settings_tab", "mine", settings={"webp_lossless": True}, nowebui=True)


@pytest.fixture
def client(host: Host) -> Iterator[TestClient]:
    with running_client(host) as client:
        yield client


def listed(client: TestClient) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", client.get(ADDRESS).json()["sections"])


def found(client: TestClient, key: str) -> dict[str, Any]:
    return next(setting for section in listed(client) for setting in section["settings"] if setting["key"] == key)


def test_categories_stand_in_a1111s_order_and_sections_by_their_titles(client: TestClient) -> None:
    sections = [(section["category"], section["id"]) for section in listed(client)]
    assert sections == [
        ("Saving images", "saving-paths"),
        ("Saving images", "saving-images"),
        ("Saving images", "saving-to-dirs"),
        ("Stable Diffusion", "compatibility"),
        ("Stable Diffusion", "optimizations"),
        ("Stable Diffusion", "sampler-params"),
        ("Stable Diffusion", "sd"),
        ("User Interface", "ui_gallery"),
        ("User Interface", "ui"),
        ("System", "system"),
        ("My things", "mine"),
    ]
    assert "disabled_extensions" not in str(listed(client)), "it has no control"


def test_each_kind_of_setting_has_its_control(client: TestClient) -> None:
    expected = {
        "samples_save": "checkbox",
        "jpeg_quality": "slider",
        "rho": "number",
        "samples_format": "choice",
        "grid_background_color": "color",
    }
    assert {key: found(client, key)["control"] for key in expected} == expected
    listing = found(client, "quicksettings_list")
    assert listing["control"] == "choices"
    assert {"label": "CLIP_stop_at_last_layers: Clip skip", "value": "CLIP_stop_at_last_layers"} in listing["choices"]
    assert "my_token" not in str(listing["choices"]) and "disabled_extensions" not in str(listing["choices"])
    clip_skip = found(client, "CLIP_stop_at_last_layers")
    assert (clip_skip["lowest"], clip_skip["highest"], clip_skip["step"], clip_skip["whole"]) == (1, 12, 1, True)


def test_several_settings_are_changed_at_once_and_the_answer_names_them(client: TestClient, host: Host) -> None:
    answer = client.patch(ADDRESS, json={"values": {"jpeg_quality": 50, "my_start": True, "quicksettings_list": ["n_rows"], "n_rows": -1}})
    assert answer.status_code == 200
    body = answer.json()
    assert body["message"] == (
        "3 settings changed: jpeg_quality, my_start, quicksettings_list."
        " quicksettings_list works after Reload UI. my_start works after the next start of Paintbox."
    )
    assert body["needs"] == {"reload": ["quicksettings_list"], "restart": ["my_start"]}
    assert [(each["key"], each["source"]) for each in body["settings"]][0] == ("jpeg_quality", "config.json")
    assert host.settings.get("jpeg_quality") == 50


def test_a_value_of_somebody_else_is_not_replaced_without_a_word(client: TestClient) -> None:
    client.patch(ADDRESS, json={"values": {"jpeg_quality": 61, "my_token": "other"}})
    values = {"values": {"jpeg_quality": 70, "my_token": "mine"}, "seen": {"jpeg_quality": 80, "my_token": None}}
    told = client.patch(ADDRESS, json=values).json()["message"]
    assert told == (
        "2 settings changed: jpeg_quality, my_token."
        " 'Quality for saved jpeg, webp and avif images' was changed to 61 meanwhile; that is replaced."
    )
    reset = {"reset": ["jpeg_quality"], "seen": {"jpeg_quality": 70}}
    assert client.patch(ADDRESS, json=reset).json()["message"] == "1 setting changed: jpeg_quality."


def test_one_wrong_value_refuses_all_and_each_wrong_one_is_named(client: TestClient, host: Host) -> None:
    values = {"jpeg_quality": 50, "n_rows": 99, "samples_format": "bmp", "no_such": 1}
    answer = client.patch(ADDRESS, json={"values": values, "reset": ["nor_this"]})
    assert answer.status_code in (404, 422)
    assert set(answer.json()["fields"]) == {"n_rows", "samples_format", "no_such", "nor_this"}
    assert "(n_rows) cannot be 99: it must be a whole number from -1 to 16." in answer.json()["detail"]
    assert host.settings.get("jpeg_quality") == 80 and not host.paths.config_file.exists()


def test_a_locked_setting_says_why_and_cannot_be_changed(client: TestClient) -> None:
    setting = found(client, "webp_lossless")
    assert (setting["value"], setting["source"], setting["locked"]) == (True, "command line", "the command line sets it")
    answer = client.patch(ADDRESS, json={"values": {"webp_lossless": False}})
    assert answer.status_code == 403
    assert "Lossless" in answer.text.title() and "the command line sets it" in answer.text
    assert client.patch(ADDRESS, json={"values": {"disabled_extensions": ["mine"]}}).status_code == 403


def test_a_reset_takes_the_value_out_of_the_file(client: TestClient, host: Host) -> None:
    client.patch(ADDRESS, json={"values": {"jpeg_quality": 50, "n_rows": 2}})
    answer = client.patch(ADDRESS, json={"reset": ["jpeg_quality", "samples_save"]})
    assert answer.json()["changed"] == ["jpeg_quality"]
    assert answer.json()["settings"][0]["source"] == ""
    assert "jpeg_quality" not in host.paths.config_file.read_text() and "n_rows" in host.paths.config_file.read_text()


def test_a_secret_is_kept_and_never_sent(client: TestClient, host: Host) -> None:
    answer = client.patch(ADDRESS, json={"values": {"my_token": "abc123"}})
    assert answer.json()["changed"] == ["my_token"] and "abc123" not in answer.text
    setting = found(client, "my_token")
    assert (setting["control"], setting["value"], setting["is_set"]) == ("secret", None, True)
    assert host.settings.get("my_token") == "abc123" and "my_token" not in host.settings.changed()


@pytest.mark.parametrize(
    ("value", "remark"),
    [
        ("gone.txt [0123456789]", "'gone.txt [0123456789]' is none of the choices here."),
        ("sub/a.txt [0123456789]", ""),
        ("renamed.txt [abcdef0123]", ""),
        ("", ""),
    ],
)
def test_a_name_that_is_not_here_is_remarked_on_before_a_file_comes_in(client: TestClient, value: str, remark: str) -> None:
    (change,) = client.post("/paintbox/v1/settings-file/compare", json={"values": {"my_file": value}}).json()["changes"]
    assert (change["then"], change["remark"]) == (value, remark)


def test_choices_are_looked_for_anew_on_request(client: TestClient) -> None:
    setting = found(client, "my_file")
    assert setting["refresh"] and [choice["value"] for choice in setting["choices"]] == ["None", "a.txt", "c.txt [abcdef0123]"]
    anew = client.post(f"{ADDRESS}/my_file/refresh").json()
    assert [choice["value"] for choice in anew["choices"]] == ["None", "a.txt", "c.txt [abcdef0123]", "b.txt"]
    assert client.post(f"{ADDRESS}/nothing/refresh").status_code == 422


def test_choices_that_cannot_be_listed_leave_the_others_alone(client: TestClient) -> None:
    broken = found(client, "my_broken")
    assert (broken["control"], broken["value"]) == ("text", "x") and "could not be listed" in broken["problem"]
    assert len(listed(client)) == 11
