"""The API of the whole program: real web process, real worker."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import torch
from safetensors.torch import load_file

from app.generation.images.reading import open_image
from tests.e2e.server import Program, running_program

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with running_program(tmp_path_factory.mktemp("program")) as running:
        yield running


@pytest.fixture
def client(program: Program) -> Iterator[httpx.Client]:
    with program.client() as opened:
        yield opened


def _draw(client: httpx.Client, **body: Any) -> dict[str, Any]:
    answer = client.post("/sdapi/v1/txt2img", json={"prompt": "a cat", "steps": 2, **body})
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()
    return {**result, "info": json.loads(result["info"])}


def test_a_picture_with_its_parameters(client: httpx.Client, program: Program) -> None:
    answer = _draw(client, prompt="a (cat:1.2)", negative_prompt="dog", seed=5)
    picture = open_image(base64.b64decode(answer["images"][0]))
    assert picture.image.size == (64, 64)
    read = client.post("/sdapi/v1/png-info", json={"image": answer["images"][0]}).json()
    assert read["info"] == answer["info"]["infotexts"][0]
    assert (read["parameters"]["Prompt"], read["parameters"]["Seed"], read["parameters"]["Model"]) == ("a (cat:1.2)", "5", "first")
    assert list(program.data.rglob("*.png")) == []


class _Payload:
    """Pickles as a call that would leave a file."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.mark,)


def test_pickled_checkpoints_draw_the_same_picture_and_hostile_ones_leave_no_trace(client: httpx.Client, program: Program) -> None:
    folder, mark = program.data / "models" / "Stable-diffusion", program.data / "PWNED"
    weights = load_file(folder / "second.safetensors")
    for name, is_zip in (("zip.ckpt", True), ("legacy.ckpt", False)):
        torch.save({"state_dict": weights, "global_step": 5}, folder / name, _use_new_zipfile_serialization=is_zip)
    torch.save({"state_dict": weights, "extra": _Payload(mark)}, folder / "hostile.ckpt")
    client.post("/sdapi/v1/refresh-checkpoints").raise_for_status()
    size = {"width": 64, "height": 64, "seed": 9}
    wanted = _draw(client, **size, override_settings={"sd_model_checkpoint": "second.safetensors"})["images"]
    for name in ("zip.ckpt", "legacy.ckpt"):
        pictures = _draw(client, **size, override_settings={"sd_model_checkpoint": name})["images"]
        assert _pixels(pictures) == _pixels(wanted)
    refused = client.post("/sdapi/v1/txt2img", json={"steps": 1, "override_settings": {"sd_model_checkpoint": "hostile.ckpt"}})
    assert refused.status_code == 422 and "hostile.ckpt: refused: it asks for" in refused.text
    assert not mark.exists()
    for name in ("zip.ckpt", "legacy.ckpt", "hostile.ckpt"):
        (folder / name).unlink()


def _pixels(pictures: list[str]) -> list[bytes]:
    return [open_image(base64.b64decode(picture)).image.tobytes() for picture in pictures]


def test_saved_pictures_lie_in_the_outputs(client: httpx.Client, program: Program) -> None:
    image = _draw(client, save_images=True, seed=6)["images"][0]
    saved = list((program.data / "outputs").rglob("*.png"))
    assert [path.read_bytes() for path in saved] == [base64.b64decode(image)]


def test_clients_at_the_same_time_wait_for_their_turn_and_lists_answer_meanwhile(client: httpx.Client) -> None:
    answers: dict[int, dict[str, Any]] = {}
    threads = [threading.Thread(target=lambda seed=seed: answers.update({seed: _draw(client, seed=seed, n_iter=2)})) for seed in range(3)]
    for thread in threads:
        thread.start()
    slowest = 0.0
    while any(thread.is_alive() for thread in threads):
        started = time.perf_counter()
        client.get("/sdapi/v1/samplers").raise_for_status()
        client.get("/sdapi/v1/progress").raise_for_status()
        slowest = max(slowest, time.perf_counter() - started)
    assert {seed: answer["info"]["all_seeds"] for seed, answer in answers.items()} == {seed: [seed, seed + 1] for seed in range(3)}
    assert slowest < 5


def test_interrupt(client: httpx.Client) -> None:
    answer: dict[str, Any] = {}
    thread = threading.Thread(target=lambda: answer.update(_draw(client, steps=150, n_iter=50)))
    thread.start()
    while client.get("/sdapi/v1/progress").json()["state"]["sampling_step"] == 0:
        assert thread.is_alive()
    client.post("/sdapi/v1/interrupt").raise_for_status()
    thread.join(timeout=120)
    assert 1 <= len(answer["images"]) < 50
    assert client.get("/sdapi/v1/progress").json()["state"]["job_count"] == 0


def test_errors_of_the_worker_are_answered_and_the_next_request_is_drawn(client: httpx.Client) -> None:
    answer = client.post("/sdapi/v1/txt2img", json={"prompt": "(cat:1.2.3)", "steps": 1})
    assert answer.status_code == 422 and "1.2.3" in answer.json()["detail"]
    assert set(answer.json()) >= {"error", "detail", "body", "errors"}
    assert len(_draw(client)["images"]) == 1


def test_another_checkpoint(client: httpx.Client) -> None:
    before = _draw(client, seed=9)
    client.post("/sdapi/v1/options", json={"sd_model_checkpoint": "second"}).raise_for_status()
    after = _draw(client, seed=9)
    assert after["info"]["sd_model_name"] == "second" and after["images"] != before["images"]
    client.post("/sdapi/v1/options", json={"sd_model_checkpoint": "first"}).raise_for_status()
    assert _draw(client, seed=9)["images"] == before["images"]


def test_the_description_lists_the_routes(client: httpx.Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert "/sdapi/v1/txt2img" in paths and "/paintbox/v1/jobs" in paths
    assert "/sdapi/v1/txt2img" in client.get("/docs").text


def test_a_password_closes_every_route_of_the_api(tmp_path: Path) -> None:
    with running_program(tmp_path, "--api-auth", "me:secret", "--skip-load-model-at-start") as program, program.client() as client:
        routes = client.get("/openapi.json").json()["paths"]
        closed = [path for path in routes if path.startswith("/sdapi/")]
        assert len(closed) >= 12
        for path in closed:
            method = next(iter(routes[path]))
            for headers in ({}, {"authorization": ""}, {"authorization": "Basic bWU6d3Jvbmc="}):
                assert client.request(method, path, headers=headers).status_code == 401, path
        assert client.get("/sdapi/v1/options", auth=("me", "secret")).status_code == 200
        assert "secret" not in client.get("/sdapi/v1/cmd-flags", auth=("me", "secret")).text
    assert "secret" not in program.log.read_text()
