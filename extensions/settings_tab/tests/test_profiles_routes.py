"""Profiles, files that go out and come in, and undo: what would change is said before, and nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.api import Host
from app.testing import HostMaker
from app.testing.web import running_client

SETTINGS, PROFILES, FILE = "/paintbox/v1/settings", "/paintbox/v1/settings-profiles", "/paintbox/v1/settings-file"


@pytest.fixture
def host(make_host: HostMaker) -> Host:
    return make_host("settings_tab", settings={"webp_lossless": True}, nowebui=True)


@pytest.fixture
def client(host: Host) -> Iterator[TestClient]:
    with running_client(host) as client:
        yield client


def test_a_change_can_be_undone(client: TestClient, host: Host) -> None:
    host.settings.set({"jpeg_quality": 50})
    answer = client.patch(SETTINGS, json={"values": {"jpeg_quality": 60, "n_rows": 3}}).json()
    assert answer["undo"] == {"values": {"jpeg_quality": 50}, "reset": ["n_rows"], "seen": {"jpeg_quality": 60, "n_rows": 3}}
    client.patch(SETTINGS, json=answer["undo"])
    assert json.loads(host.paths.config_file.read_text()) == {"jpeg_quality": 50}


def test_a_profile_is_kept_previewed_applied_and_deleted(client: TestClient, host: Host) -> None:
    host.settings.set({"jpeg_quality": 50, "n_rows": 3})
    assert client.put(f"{PROFILES}/My set", json={}).json()["count"] == 3  # with what the command line sets
    assert client.put(f"{PROFILES}/My set", json={}).status_code == 409
    assert [each["name"] for each in client.get(PROFILES).json()] == ["My set"]
    host.settings.set({"save_txt": True}, ["jpeg_quality", "n_rows"])
    preview = client.get(f"{PROFILES}/My set", params={"resets_others": True}).json()
    changes = {each["key"]: (each["now"], each["then"], each["is_reset"]) for each in preview["changes"]}
    assert changes == {"jpeg_quality": (80, 50, False), "n_rows": (-1, 3, False), "save_txt": (True, False, True)}
    assert preview["same"] == 1 and host.settings.get("jpeg_quality") == 80, "a preview changes nothing"
    assert client.delete(f"{PROFILES}/My set").json()["values"]["n_rows"] == 3
    assert client.get(f"{PROFILES}/My set").status_code == 404


SECRETIVE = """
from pydantic import Field
from app.api import SettingsSection, Value, hookimpl

class Mine(Value):
    my_token: str = Field("", title="My token", json_schema_extra={"secret": True})
    my_note: str = Field("", title="My note", json_schema_extra={"hidden": True})

@hookimpl
def register_settings(host):
    return [SettingsSection("mine", "Mine", Mine)]
"""


def test_no_profile_holds_or_gives_secrets_and_what_has_no_control(make_host: HostMaker, write_extension: Callable[..., Path]) -> None:
    write_extension("secretive", SECRETIVE)
    host = make_host("settings_tab", "secretive", nowebui=True)
    values = {"my_token": "hush", "my_note": "hush", "n_rows": 3, "belongs_to_nothing": 1}
    with running_client(host) as client:
        written = client.put(f"{PROFILES}/p1", json={"values": values}).json()
        file = host.paths.data / "settings-profiles" / "p1.json"
        assert json.loads(file.read_text()) == {"n_rows": 3, "belongs_to_nothing": 1}
        assert (written["count"], written["left_out"]) == (2, ["my_token", "my_note"])
        file.write_text(json.dumps(values))  # by hand, or by an older version
        for answer in (client.get(f"{PROFILES}/p1"), client.delete(f"{PROFILES}/p1")):
            assert answer.status_code == 200 and "hush" not in answer.text
        assert answer.json()["values"] == {"n_rows": 3, "belongs_to_nothing": 1}


@pytest.mark.parametrize("name", ["..", "a%2Fb", ".hidden", "CON", "a\\b"])
def test_a_name_that_leads_elsewhere_is_refused(client: TestClient, host: Host, name: str) -> None:
    assert client.put(f"{PROFILES}/{name}", json={}).status_code in (404, 405, 422)
    assert not list(host.paths.data.rglob("*.json"))


def test_a_file_goes_out_and_comes_in_with_the_differences_first(client: TestClient, host: Host) -> None:
    host.settings.set({"jpeg_quality": 50})
    exported = client.get(FILE)
    assert exported.json() == {"jpeg_quality": 50, "webp_lossless": True}
    assert "attachment" in exported.headers["content-disposition"]
    assert len(client.get(FILE, params={"all": True}).json()) > 50
    values = {
        "jpeg_quality": 70,
        "n_rows": 99,
        "control_net_unit_count": 3,
        "webp_lossless": False,
        "samples_save": True,
        "fp8_storage": "x",
    }
    seen = client.post(f"{FILE}/compare", json={"values": values}).json()
    assert [each["key"] for each in seen["changes"]] == ["jpeg_quality"] and seen["same"] == 1
    assert [each["key"] for each in seen["unknown"]] == ["control_net_unit_count", "fp8_storage"]
    assert "weights are kept" in seen["unknown"][1]["why"]
    assert {each["key"] for each in seen["refused"]} == {"n_rows", "webp_lossless"}
    assert host.settings.get("jpeg_quality") == 50


def test_unknown_keys_are_kept_aside(client: TestClient, host: Host) -> None:
    kept = client.post(f"{FILE}/aside", json={"values": {"control_net_unit_count": 3, "jpeg_quality": 1}}).json()
    assert kept["keys"] == ["control_net_unit_count"]
    client.post(f"{FILE}/aside", json={"values": {"other": [1]}})
    assert json.loads((host.paths.data / "settings-kept-aside.json").read_text()) == {"control_net_unit_count": 3, "other": [1]}
    assert [each["key"] for each in client.get(f"{FILE}/aside").json()["unknown"]] == ["control_net_unit_count", "other"]


def test_the_hint_for_quicksettings_has_names_and_labels(client: TestClient) -> None:
    hints = client.get("/internal/quicksettings-hint").json()
    assert {"name": "n_rows", "label": "Grid row count"} in hints
    assert not any(each["name"] == "disabled_extensions" for each in hints)


def test_profiles_do_not_fill_the_disk(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extensions.settings_tab.profiles.MOST_PROFILES", 2)
    monkeypatch.setattr("extensions.settings_tab.profiles.LARGEST_BYTES", 2000)
    put = [client.put(f"{PROFILES}/{name}", json={"values": {"n_rows": 3}, "replaces": True}).status_code for name in ("a", "b", "c", "b")]
    assert put == [200, 200, 409, 200]
    assert client.put(f"{PROFILES}/a", json={"values": {"x": "x" * 3000}, "replaces": True}).status_code == 413
    assert client.post(f"{FILE}/aside", json={"values": {"mine": "x" * 1500}}).status_code == 200
    assert client.post(f"{FILE}/aside", json={"values": {"more": "x" * 1500}}).status_code == 413
    assert [each["count"] for each in client.get(PROFILES).json()] == [1, 1]
