"""A pickled model becomes a safetensors file beside it, over the API and without ever replacing anything."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from app.testing.pickles import Hostile
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


def test_a_hostile_file_ends_the_job_and_leaves_nothing(served, folder):
    _, host = served
    torch.save({"a": torch.ones(1), "b": Hostile()}, folder / "bad.ckpt")
    job = wait(host, ask(served, model="bad.ckpt"))
    assert job.state == "failed" and "builtins.print" in job.error
    assert [path.name for path in folder.iterdir()] == ["bad.ckpt"]


TRAINED = {
    "model.diffusion_model.a.weight": torch.full((2, 2), 1.0),
    "model_ema.diffusion_modelaweight": torch.full((2, 2), 2.0),
    "model_ema.decay": torch.tensor(0.9),
    "first_stage_model.loss.logvar": torch.zeros(()),
    "cond_stage_model.ids": torch.arange(3),
}


@pytest.mark.parametrize(("prune", "value"), [("no-ema", 1.0), ("ema-only", 2.0)])
def test_a_training_checkpoint_is_pruned_and_halved(served, folder, prune, value):
    save_file(TRAINED, str(folder / "big.safetensors"), {"note": "kept"})
    job = wait(served[1], ask(served, model="big", prune=prune, number_format="float16"))
    assert job.state == "done", job.error
    assert job.result.info["name"] == "big-pruned-fp16.safetensors"
    written = load_file(folder / "big-pruned-fp16.safetensors")
    assert written.keys() == {"model.diffusion_model.a.weight", "cond_stage_model.ids"}
    assert written["model.diffusion_model.a.weight"].equal(torch.full((2, 2), value, dtype=torch.float16))
    assert written["cond_stage_model.ids"].dtype is torch.int64
    assert "left out" in job.result.comments[0]
    record = served[1].models.find("checkpoint", "big-pruned-fp16")
    assert record.sha256 == job.result.info["sha256"] and record.metadata["note"] == "kept"


def test_ema_that_is_not_there_and_numbers_that_do_not_fit_are_told(served, folder):
    save_file({"a": torch.tensor([1e6])}, str(folder / "m.safetensors"))
    failed = wait(served[1], ask(served, model="m", prune="ema-only"))
    assert failed.state == "failed" and "EMA" in failed.error and failed.result.error_field == "prune"
    done = wait(served[1], ask(served, model="m", number_format="float16"))
    assert "float16 cannot hold" in done.result.comments[0]
    wide = wait(served[1], ask(served, model="m", number_format="bfloat16", name="wide"))
    assert wide.result.comments == () and load_file(folder / "wide.safetensors")["a"].dtype is torch.bfloat16
