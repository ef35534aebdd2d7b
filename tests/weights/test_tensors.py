"""Tensors come out of a file as they were written, whichever way it is read."""

from pathlib import Path

import pytest

from app.errors import ModelFileError
from app.weights import tensors as tensors_module
from app.weights.tensors import load_tensors, load_tree


@pytest.fixture
def file(tmp_path: Path) -> Path:
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file

    save_file({"a": torch.arange(6.0).reshape(2, 3), "b": torch.ones(2, dtype=torch.bfloat16)}, tmp_path / "m.safetensors")
    return tmp_path / "m.safetensors"


@pytest.mark.parametrize("network", [False, True])
def test_mapped_and_whole_reads_agree(file: Path, network: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tensors_module, "is_network_path", lambda path: network)
    loaded = load_tensors(file)
    assert loaded["a"].tolist() == [[0, 1, 2], [3, 4, 5]] and str(loaded["b"].dtype) == "torch.bfloat16"
    assert set(load_tensors(file, ["b"])) == {"b"}


def test_a_missing_tensor_is_named(file: Path) -> None:
    with pytest.raises(ModelFileError, match=r"m\.safetensors: has no tensor 'c'"):
        load_tensors(file, ["a", "c"])


def test_other_containers_are_refused(tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(b"x")
    for load in (load_tensors, load_tree):
        with pytest.raises(ModelFileError, match=r"m\.onnx: only \.safetensors files and pickles"):
            load(tmp_path / "m.onnx")
