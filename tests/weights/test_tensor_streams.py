"""Reading and writing model files tensor by tensor: the same as at once, complete or not at all, and only where there is room."""

from __future__ import annotations

from collections import namedtuple
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from app.errors import ModelFileError, UserError
from app.values.model import TensorInfo
from app.weights import safetensors_writer
from app.weights.hashing import hash_file
from app.weights.new_file import new_model_file
from app.weights.safetensors_writer import write_safetensors
from app.weights.tensor_reader import open_tensors
from app.weights.tensors import load_tensors

Usage = namedtuple("Usage", "total used free")
SHARED = torch.arange(12.0).reshape(3, 4)
TENSORS = {
    "half": torch.ones(3, dtype=torch.float16),
    "small": torch.tensor([1.0, 2.0]).to(torch.float8_e4m3fn),
    "flag": torch.tensor([True, False]),
    "number": torch.tensor(7),
    "nothing": torch.zeros(0, 2),
    "wide": SHARED.double(),
}


def write_as(path: Path) -> Path:
    if path.suffix == ".safetensors":
        save_file(TENSORS, str(path), {"note": "kept"})
    else:
        torch.save(
            {"state_dict": {**TENSORS, "view": SHARED.t()[1:], "whole": SHARED}, "optimizer_states": [torch.zeros(1)]},
            path,
            _use_new_zipfile_serialization=path.suffix == ".ckpt",
        )
    return path


@pytest.mark.parametrize("name", ["m.safetensors", "m.ckpt", "m.pt"])
def test_one_tensor_after_another_is_what_all_at_once_are(tmp_path: Path, name: str) -> None:
    path = write_as(tmp_path / name)
    expected = load_tensors(path)
    with open_tensors(path) as reader:
        assert reader.header.tensors.keys() == expected.keys()
        assert reader.left_out == (() if name == "m.safetensors" else ("optimizer_states",))
        for key in reversed(list(expected)):
            tensor = reader.read(key)
            assert tensor.dtype is expected[key].dtype and tensor.shape == expected[key].shape
            assert tensor.contiguous().view(-1).view(torch.uint8).equal(expected[key].contiguous().view(-1).view(torch.uint8))
        with pytest.raises(ModelFileError, match="no tensor 'gone'"):
            reader.read("gone")


def test_what_is_read_belongs_to_the_reader_alone(tmp_path: Path) -> None:
    path = write_as(tmp_path / "m.ckpt")
    with open_tensors(path) as reader:
        reader.read("whole").zero_()
        assert reader.read("whole").equal(SHARED) and reader.read("view").equal(SHARED.t()[1:])


@pytest.mark.parametrize("content", [b"", b"<html>", b"PK\x03\x04"])
def test_other_files_are_refused_by_name(tmp_path: Path, content: bytes) -> None:
    for name in ("bad.safetensors", "bad.ckpt", "bad.txt", "gone.ckpt"):
        if name != "gone.ckpt":
            (tmp_path / name).write_bytes(content)
        with pytest.raises(ModelFileError, match=name), open_tensors(tmp_path / name):
            pass


def test_a_written_file_is_complete_and_its_sums_are_those_of_the_file(tmp_path: Path) -> None:
    target = tmp_path / "new.safetensors"
    infos = {"b": TensorInfo("F16", (2, 3)), "a": TensorInfo("I64", ())}
    made = {"b": torch.ones(2, 3, dtype=torch.float16), "a": torch.tensor(5)}
    written = write_safetensors(target, infos, made.__getitem__, metadata={"ä": "ö"})
    assert {name: tensor.equal(made[name]) for name, tensor in load_file(target).items()} == {"a": True, "b": True}
    assert (written.sha256, written.autov3) == hash_file(target)
    assert (written.tensors, written.size_bytes) == (2, target.stat().st_size)
    with open_tensors(target) as reader:
        assert reader.header.metadata == {"ä": "ö", "format": "pt"}


def test_a_disk_without_room_is_told_before_anything_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safetensors_writer.shutil, "disk_usage", lambda path: Usage(10**9, 10**9, 10**6))

    def make(name: str) -> torch.Tensor:
        raise AssertionError("nothing may be made")

    with pytest.raises(UserError, match=r"needs 0\.40 GB.* has 0\.00 GB left") as caught:
        write_safetensors(tmp_path / "new.safetensors", {"a": TensorInfo("F32", (100_000_000,))}, make, metadata={})
    assert caught.value.status == 507 and not list(tmp_path.iterdir())


@pytest.mark.parametrize("made", [torch.ones(3), torch.ones(2, dtype=torch.float16)])
def test_a_tensor_that_is_not_what_was_planned_leaves_no_file(tmp_path: Path, made: torch.Tensor) -> None:
    with pytest.raises(ModelFileError, match="'a' became"):
        write_safetensors(tmp_path / "new.safetensors", {"a": TensorInfo("F32", (2,))}, lambda name: made, metadata={})
    assert not list(tmp_path.iterdir())


ODD = ("CON", "nul.x", "sub/aux", "a\u202eb", "a\x7fb", "TAKEN", "Taken.safetensors", " sub/ x")


def test_names_of_new_files(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "taken.safetensors").touch()
    assert new_model_file([tmp_path, Path("/other")], " a + 0.3(b) ") == tmp_path / "a + 0.3(b).safetensors"
    assert new_model_file([tmp_path], "sub/x.safetensors") == tmp_path / "sub" / "x.safetensors"
    for name in ("", ".", "../x", "/x", "a//b", "a\\b", ".hidden", "x.", "a:b", "a\nb", "é" * 120, "no/x", "taken", "sub/..", "a?", *ODD):
        with pytest.raises(UserError) as caught:
            new_model_file([tmp_path], name, field="custom_name")
        assert caught.value.field == "custom_name"
