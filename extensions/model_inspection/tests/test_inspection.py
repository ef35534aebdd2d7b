"""Files are described from their headers: what they hold, what they are, and what they say of themselves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from app.testing.web import running_client, with_tiny_worker

ROUTE = "/paintbox/v1/models/inspect"


@pytest.fixture
def served(make_host):
    host = make_host("model_inspection")
    with_tiny_worker(host, "tiny.safetensors")
    with running_client(host) as client:
        yield client, Path(host.paths.models) / "Stable-diffusion", host


def test_a_checkpoint_is_described(served):
    client, _, _ = served
    told = client.get(ROUTE, params={"model": "tiny"}).json()
    assert (told["container"], told["recognised"]["family"], told["problem"]) == ("safetensors", "tiny", "")
    assert told["formats"] == [{"name": "F32", "tensors": 10, "parameters": 8500, "size_bytes": 34000}]
    assert [group["name"] for group in told["parts"]] == ["tiny"]
    assert (told["total"], told["found"]) == (10, 10)
    assert told["tensors"][0] == {"name": "tiny.context.bias", "dtype": "F32", "shape": [4], "size_bytes": 16}


def test_keys_are_searched_and_paged(served):
    client, _, _ = served
    told = client.get(ROUTE, params={"model": "tiny", "search": "UNET weight", "limit": 1, "offset": 1}).json()
    assert (told["total"], told["found"], [tensor["name"] for tensor in told["tensors"]]) == (10, 2, ["tiny.unet.2.weight"])
    assert client.get(ROUTE, params={"model": "tiny", "offset": "9" * 20}).status_code == 422


def test_notes_are_opened_and_long_ones_cut(served):
    client, folder, host = served
    notes = {"sd_merge_recipe": json.dumps({"type": "webui"}), "broken": "{", "long": "x" * 30_000, "<b>": "<script>"}
    tensors = {"lora_unet_a.alpha": torch.ones(1), "lora_te_b.alpha": torch.ones(2, dtype=torch.bfloat16)}
    save_file(tensors, str(folder / "n.safetensors"), notes)
    host.models.refresh()
    told = client.get(ROUTE, params={"model": "n"}).json()
    assert told["metadata"]["sd_merge_recipe"] == {"type": "webui"} and told["metadata"]["broken"] == "{"
    assert len(told["metadata"]["long"]) == 20_000 and told["shortened"] == ["long"]
    assert {group["name"] for group in told["parts"]} == {"lora_unet", "lora_te"} and len(told["formats"]) == 2
    assert "no installed extension" in told["problem"] and told["recognised"] == {}


def test_files_that_are_not_there_or_damaged_are_named(served):
    client, folder, host = served
    (folder / "bad.safetensors").write_bytes(b"<html>")
    host.models.refresh()
    assert client.get(ROUTE, params={"model": "gone"}).status_code == 404
    assert client.get(ROUTE, params={"model": "tiny", "folder_kind": "nowhere"}).json()["field"] == "folder_kind"
    damaged = client.get(ROUTE, params={"model": "bad"})
    assert damaged.status_code == 422 and "bad.safetensors" in damaged.text
