"""Conversion writes the same tensors, all at once or not at all, and never over another file."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from app.errors import JobStopped, UserError
from app.testing.pickles import write_zip
from app.weights import safetensors_writer
from app.weights.convert import convert_to_safetensors
from app.weights.headers import read_header


@pytest.fixture
def source(tmp_path: Path) -> Path:
    shared = torch.arange(12.0).reshape(3, 4)
    others = {"d": torch.ones((), dtype=torch.bfloat16), "e": torch.zeros(0, 2), "step": 5}
    torch.save({"a": shared, "b": shared.t(), "c": shared[1:, 2:], **others}, tmp_path / "m.pt")
    return tmp_path / "m.pt"


@pytest.mark.parametrize("is_zip", [True, False], ids=["zip", "legacy"])
def test_the_tensors_are_the_same(source: Path, tmp_path: Path, is_zip: bool) -> None:
    value = torch.load(source, weights_only=True)
    torch.save(value, source, _use_new_zipfile_serialization=is_zip)
    seen: list[float] = []
    target = tmp_path / "m.safetensors"
    written = convert_to_safetensors(source, target, lambda fraction, text: seen.append(fraction))
    loaded = load_file(target)
    assert loaded.keys() == value.keys() - {"step"}
    assert all(loaded[name].equal(value[name]) and loaded[name].dtype == value[name].dtype for name in loaded)
    assert written.written.tensors == 5 and written.written.size_bytes == target.stat().st_size and seen == sorted(seen) and len(seen) == 5
    with safe_open(target, "pt") as file:
        assert file.metadata() == {"step": "5", "format": "pt"}
    assert read_header(target).tensors == read_header(source).tensors


def test_a_file_that_appears_meanwhile_is_not_replaced(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "m.safetensors"
    with pytest.raises(UserError, match=r"m\.safetensors: there is a file"):
        convert_to_safetensors(source, target, lambda fraction, text: target.write_bytes(b"mine"))
    assert target.read_bytes() == b"mine" and sorted(path.name for path in tmp_path.iterdir()) == ["m.pt", "m.safetensors"]


@pytest.mark.parametrize("appears", [True, False])
def test_file_systems_without_links_do_as_well(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, appears: bool) -> None:
    def link(old: Path, new: Path) -> None:
        if appears:
            new.write_bytes(b"mine")
        raise OSError("no links here")

    monkeypatch.setattr(safetensors_writer.os, "link", link)
    target = tmp_path / "m.safetensors"
    if appears:
        with pytest.raises(UserError, match="there is a file"):
            convert_to_safetensors(source, target)
        assert target.read_bytes() == b"mine"
    else:
        convert_to_safetensors(source, target)
        assert len(load_file(target)) == 5
    assert len(list(tmp_path.iterdir())) == 2


def test_a_stopped_conversion_leaves_nothing(source: Path, tmp_path: Path) -> None:
    def stop(fraction: float, text: str) -> None:
        if fraction > 0.5:
            raise JobStopped("cancel")

    with pytest.raises(JobStopped):
        convert_to_safetensors(source, tmp_path / "m.safetensors", stop)
    assert list(tmp_path.iterdir()) == [source]


def test_what_cannot_be_converted_is_named(source: Path, tmp_path: Path) -> None:
    torch.save({"x": torch.ones(2, dtype=torch.complex128)}, tmp_path / "complex.pt")
    convert_to_safetensors(source, tmp_path / "good.safetensors")
    cases = {
        tmp_path / "complex.pt": "tensor 'x' of the format C128",
        write_zip(tmp_path / "empty.pt", b"}"): "no tensors",
        write_zip(tmp_path / "bad.pt", b"cos\nsystem\n"): "os.system",
        tmp_path / "good.safetensors": "already",
        tmp_path / "gone.pt": "cannot be read",
    }
    for path, words in cases.items():
        with pytest.raises(UserError) as caught:
            convert_to_safetensors(path, tmp_path / "new.safetensors")
        assert path.name in caught.value.what and words in caught.value.what
    with pytest.raises(UserError, match="must be called"):
        convert_to_safetensors(source, tmp_path / "new.bin")
    assert not list(tmp_path.glob("*new*")) and not list(tmp_path.glob("*.part"))
