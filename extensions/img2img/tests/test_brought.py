"""Pictures that nobody has brought, or somebody else has, are refused before the job waits in the queue."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from app.testing.drawing import put_picture
from app.testing.hosts import temporary_host
from app.testing.web import running_client

PARAMS = "params.img2img."


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Any:
    host = temporary_host(tmp_path_factory.mktemp("data"), ("img2img", "samplers", "noise_schedules"))
    with running_client(host) as client:
        client.host = host
        yield client


def picture_of(client: Any, owner: str) -> str:
    return put_picture(client.host, Image.new("RGB", (64, 64), "red" if owner else "blue"), owner)


def answer_to(client: Any, **img2img: Any) -> tuple[int, str]:
    body = {"kind": "generate", "request": {"prompt": "x", "params": {"img2img": img2img}}}
    answer = client.post("/paintbox/v1/jobs", json=body)
    return answer.status_code, answer.json().get("field", "")


def test_pictures_must_be_there_and_the_owners(client: Any) -> None:
    mine, others = picture_of(client, ""), picture_of(client, "bob")
    assert answer_to(client, init_images=["nope"]) == (422, f"{PARAMS}init_images")
    assert answer_to(client, init_images=[mine, "0" * 32 + ".img"]) == (422, f"{PARAMS}init_images")
    assert answer_to(client, init_images=[others]) == (422, f"{PARAMS}init_images")
    assert answer_to(client, init_images=[mine], mask="nope") == (422, f"{PARAMS}mask")
    assert answer_to(client, init_images=[mine], sketch="nope") == (422, f"{PARAMS}sketch")
    assert answer_to(client, init_images=[mine], mask=mine)[0] == 202


def test_scripts_ask_the_same_of_their_request(tmp_path: Path) -> None:
    host = temporary_host(tmp_path, ("img2img", "samplers", "noise_schedules", "loopback"))
    with running_client(host) as client:
        title = host.scripts.names()[0]
        request = {"prompt": "x", "params": {"img2img": {"init_images": ["nope"]}}}
        body = {"kind": "script", "request": {"script": title, "form": "img2img", "params": {}, "request": request}}
        answer = client.post("/paintbox/v1/jobs", json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, f"{PARAMS}init_images"), answer.text
