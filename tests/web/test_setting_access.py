"""Which settings somebody far away may change: none by which files of this machine could be read or overwritten."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.errors import UserError
from app.testing.hosts import HostMaker
from app.testing.web import running_client

FAR = {"X-Forwarded-Proto": "https"}
SETTINGS = "/paintbox/v1/settings"
EXTENSIONS = (
    "settings_tab",
    "a1111_api",
    "wildcards",
    "scripts",
    "checkpoints",
    "txt2img",
    "generation_form",
    "samplers",
    "noise_schedules",
)
REFUSED = (
    ("wildcard_dir", "."),
    ("wildcard_dir", "config_states"),
    ("wildcard_dir", "/etc"),
    ("font", "config.json"),
    ("outdir_samples", "/etc"),
    ("outdir_samples", "extensions"),
    ("outdir_txt2img_samples", "outputs/../extensions"),
    ("outdir_txt2img_samples", "~"),
    ("directories_filename_pattern", "../../x"),
    ("directories_filename_pattern", "C:\\x"),
    ("api_forbid_local_requests", False),
)
FINE = (("outdir_samples", "outputs/mine"), ("directories_filename_pattern", "[date]/[seed]"), ("jpeg_quality", 55), ("wildcard_dir", ""))


@pytest.fixture
def make(make_host: HostMaker) -> Any:
    return lambda **options: make_host(*EXTENSIONS, nowebui=True, **options)


@pytest.mark.parametrize("options", [{}, {"listen": True}])
def test_from_afar_no_setting_leads_to_other_files(make: Any, options: dict[str, Any]) -> None:
    host = make(**options)
    with running_client(host) as client:
        for key, value in REFUSED:
            before = host.settings.get(key)
            answer = client.patch(SETTINGS, json={"values": {"n_rows": 3, key: value}}, headers=FAR)
            assert (answer.status_code, answer.json()["field"]) == (403, key), answer.text
            answer = client.post("/sdapi/v1/options", json={key: value}, headers=FAR)
            assert answer.status_code in (200, 403) and host.settings.get(key) == before
        assert not host.settings.path.exists(), "all or nothing"
        for key, value in FINE:
            assert client.patch(SETTINGS, json={"values": {key: value}}, headers=FAR).status_code == 200
            assert host.settings.get(key) == value


def test_who_sits_at_the_machine_may(make: Any) -> None:
    host = make()
    with running_client(host) as client:
        for key, value in REFUSED:
            assert client.patch(SETTINGS, json={"values": {key: value}}).status_code == 200
        assert client.patch(SETTINGS, json={"values": {"wildcard_dir": "/etc"}}, headers=FAR).status_code == 200, "it was so already"
        assert client.patch(SETTINGS, json={"reset": ["wildcard_dir"]}, headers=FAR).status_code == 200


def test_a_folder_of_the_command_line_may_be_chosen(make: Any, tmp_path: Path) -> None:
    host = make(allowed_paths=(str(tmp_path),))
    with running_client(host) as client:
        assert client.patch(SETTINGS, json={"values": {"wildcard_dir": str(tmp_path / "w")}}, headers=FAR).status_code == 200
        assert client.patch(SETTINGS, json={"values": {"wildcard_dir": f"{tmp_path}/../x"}}, headers=FAR).status_code == 403


def test_no_request_chooses_what_is_read(make: Any) -> None:
    host = make()
    for key in ("wildcard_dir", "font"):
        with pytest.raises(UserError, match=key) as raised:
            host.settings.for_request({key: "."})
        assert raised.value.status == 403
        assert host.settings.for_request({key: ""}) == {key: ""}


def test_a_lasting_override_keeps_to_the_folders_of_pictures(make: Any) -> None:
    host = make()
    with running_client(host) as client:
        override = {"override_settings": {"outdir_txt2img_samples": "/etc"}, "override_settings_restore_afterwards": False}
        assert client.post("/sdapi/v1/txt2img", json={"prompt": "x", **override}).status_code in (403, 422)
        assert host.settings.get("outdir_txt2img_samples") == "outputs/txt2img-images"
