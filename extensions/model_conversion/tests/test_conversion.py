"""A pickled model becomes a safetensors file beside it, over the API and without ever replacing anything."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from app.testing.web import running_client, with_tiny_worker

ROUTE = "/paintbox/v1/models/convert"


@pytest.fixture
def served(make_host):
    host = make_host("model_conversion", "stable_diffusion")
    with_tiny_worker(host)
    with running_client(host) as client:
        yield client, host


@pytest.fixture
def folder(served) -> Path:
    path = Path(served[1].paths.models) / "Stable-diffusion"
    path.mkdir(parents=True, exist_ok=True)
    return path


def ask(served, **body):
    """Put a conversion of files that have just been written into the queue."""
    client, host = served
    host.models.refresh()
    return client.post(ROUTE, json=body)


def wait(host, answer):
    assert answer.status_code == 202, answer.text
    return host.jobs.wait(answer.json()["job"], 60)


def test_a_training_checkpoint_becomes_its_weights(served, folder):
    _, host = served
    weights = {"a": torch.arange(6.0).reshape(2, 3), "b": torch.ones(2, dtype=torch.bfloat16)}
    torch.save({"state_dict": weights, "optimizer_states": [{"m": torch.zeros(4)}], "global_step": 7}, folder / "old.ckpt")
    before = (folder / "old.ckpt").read_bytes()
    job = wait(host, ask(served, model="old.ckpt"))
    assert job.state == "done", job.error
    assert job.result.info["tensors"] == 2 and "optimizer_states" in job.result.comments[0]
    written = load_file(folder / "old.safetensors")
    assert {name: tensor.equal(weights[name]) for name, tensor in written.items()} == {"a": True, "b": True}
    assert (folder / "old.ckpt").read_bytes() == before
    assert sorted(path.name for path in folder.iterdir()) == ["old.ckpt", "old.safetensors"]
    host.models.refresh()
    assert "old.safetensors" in {record.name for record in host.models.records("checkpoint")}


def test_a_file_that_is_there_is_not_replaced(served, folder):
    torch.save({"a": torch.ones(1)}, folder / "m.ckpt")
    (folder / "m.safetensors").write_bytes(b"mine")
    refused = ask(served, model="m.ckpt")
    assert refused.status_code == 422 and "m.safetensors" in refused.text
    assert (folder / "m.safetensors").read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"model": "gone"}, 404, "gone"),
        ({"model": "m.ckpt", "folder_kind": "nowhere"}, 404, "nowhere"),
        ({"model": "m.ckpt", "name": "../x"}, 422, "../x"),
        ({"model": "plain.safetensors"}, 422, "plain.safetensors"),
    ],
)
def test_what_cannot_be_converted_is_refused_by_name(served, folder, body, status, words):
    torch.save({"a": torch.ones(1)}, folder / "m.ckpt")
    (folder / "plain.safetensors").write_bytes(b"")
    answer = ask(served, **body)
    assert answer.status_code == status and words in answer.text


class Hostile:
    """Pickles as a call."""

    def __reduce__(self):
        return print, ("hello",)


def test_a_hostile_file_ends_the_job_and_leaves_nothing(served, folder):
    _, host = served
    torch.save({"a": torch.ones(1), "b": Hostile()}, folder / "bad.ckpt")
    job = wait(host, ask(served, model="bad.ckpt"))
    assert job.state == "failed" and "builtins.print" in job.error
    assert [path.name for path in folder.iterdir()] == ["bad.ckpt"]
