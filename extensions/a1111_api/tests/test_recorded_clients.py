"""Requests of the clients that people use, as their sources show them (``clients/*.json``), and what they read of the answers."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from app.testing.hosts import temporary_host
from app.testing.web import running_client, with_tiny_worker

CLIENTS = sorted(Path(__file__).with_name("clients").glob("*.json"))
EXTENSIONS = ("a1111_api", "samplers", "noise_schedules", "upscalers", "img2img", "hires_fix", "tiling", "vae")
EXTENSIONS += ("lora", "textual_inversion", "hypernetworks", "live_preview", "styles", "refiner", "extras", "extras_upscale")
EXTENSIONS += ("face_restoration", "interrogation", "upscaler_files", "scripts", "xyz_plot", "prompt_matrix")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    host = temporary_host(tmp_path_factory.mktemp("clients"), EXTENSIONS, options={"nowebui": True})
    with_tiny_worker(host, "first.safetensors", "second.safetensors")
    with running_client(host) as running:
        yield running


def png(color: str) -> str:
    stream = io.BytesIO()
    Image.new("RGB", (64, 64), color).save(stream, "PNG")
    return base64.b64encode(stream.getvalue()).decode()


def at(value: Any, path: str) -> Any:
    """What stands at "state.job_count" or "0.title"; "" is all of it."""
    for part in path.split(".") if path else ():
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value


def filled(value: Any, kept: dict[str, Any]) -> Any:
    """The value with what was kept in place of "$name"; "$all" in an object begins with a whole kept one."""
    if isinstance(value, dict):
        begin = kept[value["$all"][1:]] if "$all" in value else {}
        return {**begin, **{key: filled(each, kept) for key, each in value.items() if key != "$all"}}
    if isinstance(value, list):
        return [filled(each, kept) for each in value]
    if isinstance(value, str):
        for name, text in kept.items():
            value = value.replace(f"${name}", text) if isinstance(text, str) else value
    return value


def send(client: Any, wanted: dict[str, Any], kept: dict[str, Any]) -> Any:
    headers = dict(wanted.get("headers", {}))
    if "text" in wanted:
        return client.request(wanted["method"], wanted["path"], content=filled(wanted["text"], kept), headers=headers)
    body = {"json": filled(wanted["body"], kept)} if "body" in wanted else {}
    return client.request(wanted["method"], wanted["path"], headers=headers, **body)


def check(answer: Any, wanted: dict[str, Any], kept: dict[str, Any]) -> None:
    assert answer.status_code == wanted.get("status", 200), answer.text[:1000]
    assert wanted.get("contains", "") in answer.text
    said = answer.json()
    for path in wanted.get("has", ()):
        at(said, path)
    for path, expected in wanted.get("equals", {}).items():
        assert at(said, path) == filled(expected, kept), path
    if "images" in wanted:
        assert len(said["images"]) == wanted["images"]
        Image.open(io.BytesIO(base64.b64decode(said["images"][0], validate=True))).load()
    info = json.loads(said["info"]) if isinstance(said, dict) and "images" in said else {}
    for path in wanted.get("info_has", ()):
        at(info, path)
    for path, expected in wanted.get("info", {}).items():
        assert at(info, path) == expected, path
    for part in wanted.get("infotext", ()):
        assert part in info["infotexts"][0]


@pytest.mark.parametrize("file", CLIENTS, ids=lambda file: file.stem)
def test_what_a_client_sends_is_answered_as_it_expects(client: Any, file: Path) -> None:
    before = {"image": png("orange"), "mask": png("white")}
    kept: dict[str, Any] = dict(before)
    for wanted in json.loads(file.read_text(encoding="utf-8"))["requests"]:
        answer = send(client, wanted, kept)
        check(answer, wanted, kept)
        kept |= {name: at(answer.json(), path) for name, path in wanted.get("keep", {}).items()}


def test_a_client_that_logs_in_by_the_form_of_the_page_may_use_the_api(tmp_path: Path) -> None:
    host = temporary_host(tmp_path, ("a1111_api", "passwords"), options={"nowebui": True, "flags": {"gradio-auth": "me:pw1"}})
    with running_client(host) as client:
        assert client.get("/config").status_code == 401
        assert client.post("/login", data={"username": "me", "password": "pw1"}, follow_redirects=False).status_code == 303
        assert client.get("/sdapi/v1/cmd-flags").status_code == 200
        assert client.get("/config").status_code == 404
