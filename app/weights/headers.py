"""Read the header of a model file: names, shapes and metadata, never the weights; pickles are left to ``app.weights.pickles``.

Format of safetensors: https://huggingface.co/docs/safetensors/index#format - eight bytes of header length (little-endian), a JSON
object, then the data, which the tensors must cover without a hole or an overlap.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, TypeGuard

from app.errors import ModelFileError
from app.values.model import Container, ModelHeader, TensorInfo
from app.weights.pickles.reading import flatten_file, read_pickle

MAX_HEADER_BYTES = 64 * 1024 * 1024
DTYPE_BITS: Mapping[str, int] = {
    "BOOL": 8,
    "U8": 8,
    "I8": 8,
    "F4": 4,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
    "F8_E5M2": 8,
    "F8_E4M3": 8,
    "F8_E8M0": 8,
    "F8_E4M3FNUZ": 8,
    "F8_E5M2FNUZ": 8,
    "I16": 16,
    "U16": 16,
    "F16": 16,
    "BF16": 16,
    "I32": 32,
    "U32": 32,
    "F32": 32,
    "F64": 64,
    "I64": 64,
    "U64": 64,
    "C64": 64,
}
SUFFIX_CONTAINERS: Mapping[str, Container] = {
    ".safetensors": "safetensors",
    ".sft": "safetensors",
    ".ckpt": "pickle",
    ".pt": "pickle",
    ".pth": "pickle",
    ".bin": "pickle",
    ".onnx": "onnx",
}


def container_of(path: Path) -> Container:
    """The container that the file's suffix promises."""
    return SUFFIX_CONTAINERS.get(path.suffix.lower(), "other")


def told_container(path: Path) -> Container:
    """The container that the file is read as: by its suffix, but a safetensors file under a pickle's name is one; raises OSError."""
    container = container_of(path)
    if container != "pickle":
        return container
    with path.open("rb") as file:
        prefix = file.read(9)
    is_safetensors = prefix[8:] == b"{" and struct.unpack("<Q", prefix[:8])[0] <= MAX_HEADER_BYTES
    return "safetensors" if is_safetensors else "pickle"


def read_header(path: Path) -> ModelHeader:
    """Read a model file's header; for containers other than safetensors and pickles ``tensors`` stays empty.

    Of a pickle nothing is ever run; but it is read here and now, which is for workers: the web process asks its model index
    (``host.models.header``), which has pickles read by a process of their own. A branch ``state_dict`` is taken for the whole, and
    numbers and texts beside the tensors are in ``metadata`` under dotted names, numbers as JSON.
    Raises ModelFileError that names the file and what is wrong with it.
    """
    try:
        container = told_container(path)
        size = path.stat().st_size
        if container == "safetensors":
            with path.open("rb") as file:
                return read_safetensors_header(file, path)
    except OSError as error:
        raise ModelFileError(f"{path.name}: cannot be read ({error.strerror or error}).") from error
    if container != "pickle":
        return ModelHeader(path, container, size, {})
    flat = flatten_file(read_pickle(path), path.name)
    tensors = {name: TensorInfo(entry.dtype, entry.shape) for name, entry in flat.tensors.items()}
    return ModelHeader(path, container, size, tensors, flat.metadata)


def read_safetensors_header(file: BinaryIO, path: Path) -> ModelHeader:
    """Read the header from an open file positioned at its start."""
    size = file.seek(0, 2)
    file.seek(0)
    prefix = file.read(8)
    if len(prefix) < 8:
        raise ModelFileError(f"{path.name}: not a model file, it has {size} bytes.", hint="Download it again.")
    (length,) = struct.unpack("<Q", prefix)
    if length > MAX_HEADER_BYTES:
        raise ModelFileError(f"{path.name}: not a safetensors file ({_looks_like(prefix)}).")
    if 8 + length > size:
        raise _truncated(path, 8 + length, size)
    document = _parse_json(file.read(length), path)
    metadata = _metadata(document.pop("__metadata__", None), path)
    tensors, end = _tensors(document, path)
    expected = 8 + length + end
    if expected > size:
        raise _truncated(path, expected, size)
    if expected < size:
        raise ModelFileError(f"{path.name}: {size - expected} bytes after the last tensor, the file is damaged.")
    return ModelHeader(path, "safetensors", size, tensors, metadata)


def _truncated(path: Path, expected: int, size: int) -> ModelFileError:
    return ModelFileError(f"{path.name}: truncated: expected {expected:,} bytes, has {size:,}.", hint="Download or copy it again.")


def _looks_like(prefix: bytes) -> str:
    kinds = {b"\x89PNG": "it is a PNG picture", b"GGUF": "it is a GGUF file", b"PK\x03\x04": "it is a zip or pickle checkpoint"}
    if prefix[:4] in kinds:
        return kinds[prefix[:4]]
    if prefix[:1] == b"\x80":
        return "it is a pickle file"
    if prefix.lstrip()[:1] == b"<":
        return "it is a web page"
    return "its header length is impossible"


def _parse_json(raw: bytes, path: Path) -> dict[str, Any]:
    try:
        document = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ModelFileError(f"{path.name}: its header is not valid JSON.", hint="Download it again.") from error
    if not isinstance(document, dict):
        raise ModelFileError(f"{path.name}: its header is not a table of tensors.")
    return document


def _metadata(raw: object, path: Path) -> dict[str, str]:
    if raw is None:
        return {}
    if not isinstance(raw, dict) or not all(isinstance(value, str) for value in raw.values()):
        raise ModelFileError(f"{path.name}: its metadata is not a table of texts.")
    return raw


def _tensors(document: Mapping[str, Any], path: Path) -> tuple[dict[str, TensorInfo], int]:
    """Check every entry; returns the tensors and the number of data bytes they cover."""
    tensors: dict[str, TensorInfo] = {}
    ranges: list[tuple[int, int, str]] = []
    for name, entry in document.items():
        info, begin, end = _entry(name, entry, path)
        tensors[name] = info
        ranges.append((begin, end, name))
    position = 0
    for begin, end, name in sorted(ranges):
        if begin != position:
            raise ModelFileError(f"{path.name}: tensor {name!r} does not begin where the one before it ends.")
        position = end
    return tensors, position


def _entry(name: str, entry: object, path: Path) -> tuple[TensorInfo, int, int]:
    if not isinstance(entry, dict):
        raise ModelFileError(f"{path.name}: the header's entry {name!r} is not a tensor.")
    dtype, shape, offsets = entry.get("dtype"), entry.get("shape"), entry.get("data_offsets")
    bits = DTYPE_BITS.get(dtype) if isinstance(dtype, str) else None
    if bits is None:
        raise ModelFileError(f"{path.name}: tensor {name!r} has the unknown type {str(dtype)[:40]!r}.")
    if not _is_sizes(shape) or not _is_sizes(offsets) or len(offsets) != 2:
        raise ModelFileError(f"{path.name}: tensor {name!r} has no valid shape or place in the file.")
    count = 1
    for size in shape:
        count *= size
    if (count * bits + 7) // 8 != offsets[1] - offsets[0]:
        raise ModelFileError(f"{path.name}: tensor {name!r} takes {offsets[1] - offsets[0]} bytes, not what its shape needs.")
    return TensorInfo(str(dtype), tuple(shape)), offsets[0], offsets[1]


def _is_sizes(value: object) -> TypeGuard[list[int]]:
    if not isinstance(value, list):
        return False
    for item in value:  # a loop: half the time of a generator, and a listing checks millions of them
        if type(item) is not int or not 0 <= item < 2**63:
            return False
    return True
