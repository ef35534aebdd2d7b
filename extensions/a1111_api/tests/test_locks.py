"""What the command line froze cannot be had by asking for it in a request."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.testing.hosts import temporary_host
from app.testing.web import running_client, with_tiny_worker

FROZEN = {"lock_paths": True, "locked_settings": ["CLIP_stop_at_last_layers", "sd_model_checkpoint"]}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("locked") / "data"
    folder.mkdir()
    host = temporary_host(folder, ("a1111_api", "samplers", "noise_schedules"), options={"nowebui": True, **FROZEN})
    with_tiny_worker(host, "first.safetensors", "second.safetensors")
    with running_client(host) as client:
        yield client


@pytest.mark.parametrize("key", ["outdir_samples", "CLIP_stop_at_last_layers", "sd_model_checkpoint"])
@pytest.mark.parametrize("lasting", [False, True])
def test_frozen_settings_are_refused_on_every_way(client: Any, tmp_path: Path, key: str, lasting: bool) -> None:
    values = {key: {"outdir_samples": str(tmp_path / "mine"), "sd_model_checkpoint": "second"}.get(key, 2)}
    body = {"steps": 1, "save_images": True, "override_settings": values, "override_settings_restore_afterwards": not lasting}
    own = {"checkpoint": "second"} if key == "sd_model_checkpoint" else {"settings": values}
    answers = [
        client.post("/sdapi/v1/txt2img", json=body),
        client.post("/sdapi/v1/options", json=values),
        client.post("/paintbox/v1/jobs", json={"request": {"steps": 1, **own}}),
    ]
    assert [(answer.status_code, key in answer.text) for answer in answers] == [(403, True)] * 3
    assert not (tmp_path / "mine").exists()


def test_what_is_not_frozen_or_is_no_change_is_taken(client: Any) -> None:
    values = {"samples_format": "jpg", "CLIP_stop_at_last_layers": 1, "sd_model_checkpoint": "first"}
    assert client.post("/sdapi/v1/txt2img", json={"steps": 1, "override_settings": values}).status_code == 200
