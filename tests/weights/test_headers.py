"""Headers of safetensors files: good ones are read, damaged ones refused with a sentence."""

import json
import os
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import ModelFileError
from app.weights.headers import read_header

VECTORS = Path(os.environ.get("PAINTBOX_VECTORS", Path(__file__).parents[1] / "vectors"))
DTYPES = {"float32": "F32", "float16": "F16", "float8_e4m3fn": "F8_E4M3", "bfloat16": "BF16", "int64": "I64"}


def vector_cases() -> list[dict[str, object]]:
    file = VECTORS / "files.json"
    if not file.exists():
        return []
    return [case for case in json.loads(file.read_text())["safetensors"] if (VECTORS / case["file"]).exists()]


def write(path: Path, header: object, body: bytes) -> Path:
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(raw)) + raw + body)
    return path


@pytest.mark.vectors
@pytest.mark.parametrize("case", vector_cases(), ids=lambda case: case["file"])
def test_files_of_every_sort(case: dict, tmp_path: Path) -> None:
    source = VECTORS / case["file"]
    copy = tmp_path / (source.stem + ".safetensors")
    copy.write_bytes(source.read_bytes())
    if case["expect"] == "refuse":
        with pytest.raises(ModelFileError, match=copy.name):
            read_header(copy)
    elif case["expect"] == "load":
        tensors = read_header(copy).tensors
        assert {name: list(info.shape) for name, info in tensors.items()} == {name: info["shape"] for name, info in case["content"].items()}
        for name, info in case["content"].items():
            assert tensors[name].dtype == DTYPES.get(info["dtype"], tensors[name].dtype)


def test_truncated_file_says_how_much_is_missing(tmp_path: Path) -> None:
    header = {"a": {"dtype": "F32", "shape": [256], "data_offsets": [0, 1024]}}
    path = write(tmp_path / "cut.safetensors", header, bytes(1000))
    length = len(json.dumps(header))
    words = rf"cut\.safetensors: truncated: expected {8 + length + 1024:,} bytes, has {8 + length + 1000:,}"
    with pytest.raises(ModelFileError, match=words):
        read_header(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<!DOCTYPE html><html>", "web page"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "PNG"),
        (b"PK\x03\x04" + bytes(50), "pickle"),
        (b"", "0 bytes"),
    ],
)
def test_foreign_content_is_named(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=words):
        read_header(path)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="gone.safetensors"):
        read_header(tmp_path / "gone.safetensors")


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "x.safetensors"
    path.write_bytes(content)
    try:
        read_header(path)
    except ModelFileError:
        pass


GOOD = struct.pack("<Q", 61) + b'{"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}    ' + bytes(16)


@settings(deadline=None, max_examples=500)
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), max_size=6))
def test_mutated_files_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]]) -> None:
    content = bytearray(GOOD)
    for place, value in changes:
        content[place] = value
    path = tmp_path_factory.mktemp("fuzz") / "x.safetensors"
    path.write_bytes(bytes(content))
    try:
        header = read_header(path)
    except ModelFileError:
        return
    assert sum(8 for _ in header.tensors) <= len(content)
