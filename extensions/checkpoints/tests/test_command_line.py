"""``--ckpt FILE`` begins with that checkpoint, wherever it lies."""

from __future__ import annotations

import struct

import pytest


@pytest.fixture
def checkpoint(tmp_path):
    header = b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
    file = tmp_path / "elsewhere" / "mine.safetensors"
    file.parent.mkdir()
    file.write_bytes(struct.pack("<Q", len(header)) + header + bytes(4))
    return file


def test_the_file_is_listed_and_chosen(make_host, checkpoint):
    host = make_host("checkpoints", "stable_diffusion", flags={"ckpt": str(checkpoint)})
    with host.running():
        assert host.settings.get("sd_model_checkpoint") == "mine.safetensors"
        assert [record.name for record in host.models.records("checkpoint")] == ["mine.safetensors"]


def test_a_file_that_is_not_there_is_named_and_changes_nothing(make_host, checkpoint, caplog):
    missing = checkpoint.with_name("missing.safetensors")
    host = make_host("checkpoints", "stable_diffusion", flags={"ckpt": str(missing)})
    with host.running():
        assert host.settings.get("sd_model_checkpoint") is None
    assert str(missing) in caplog.text


@pytest.mark.parametrize("role", ["web", "worker"])
def test_it_holds_for_this_run_only_whatever_is_frozen(make_host, checkpoint, role):
    host = make_host("checkpoints", "stable_diffusion", role=role, flags={"ckpt": str(checkpoint)}, lock_all_settings=True)
    with host.running():
        assert host.extensions.is_active("checkpoints")
        assert host.settings.get("sd_model_checkpoint") == "mine.safetensors"
        assert not host.paths.config_file.exists()
