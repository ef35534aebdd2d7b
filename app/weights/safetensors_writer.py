"""Writes a safetensors file as a stream: the header first, then one tensor after another, and its name only at the end.

Format: https://huggingface.co/docs/safetensors/index#format
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from app.errors import ModelFileError, UserError
from app.values.model import TensorInfo
from app.weights.headers import DTYPE_BITS, read_safetensors_header
from app.weights.number_formats import torch_dtype

if TYPE_CHECKING:
    from torch import Tensor

Report = Callable[[float, str], None]
SUFFIX = ".safetensors"
SPARE_BYTES = 16 * 1024 * 1024
"""Of a disk's room that is left alone."""
_ALIGNMENT = 8


@dataclass(frozen=True)
class WrittenModel:
    """A new file, with the hashes that ``hash_file`` would find."""

    path: Path
    tensors: int
    size_bytes: int
    sha256: str
    autov3: str


@dataclass
class _Sums:
    """Both hashes of a file, taken while it is written."""

    whole: hashlib._Hash = field(default_factory=hashlib.sha256)
    body: hashlib._Hash = field(default_factory=hashlib.sha256)


def write_safetensors(
    target: Path,
    tensors: Mapping[str, TensorInfo],
    make: Callable[[str], Tensor],
    *,
    metadata: Mapping[str, str],
    report: Report = lambda fraction, text: None,
) -> WrittenModel:
    """Write ``tensors``, each of them made when its turn comes and let go after it; what is already there is never replaced.

    Nothing but one tensor is in memory at a time. The file has its name only when it is complete, and there is nothing of it when
    ``make`` or ``report`` (told 0..1 and the tensor's name) raises. Raises UserError where the disk has no room or cannot be written,
    ModelFileError for tensors that such a file cannot hold.
    """
    refuse_taken(target)
    ordered = dict(sorted(tensors.items(), key=lambda item: (-DTYPE_BITS.get(item[1].dtype, 0), item[0])))
    header, size = _header(target, ordered, metadata)
    _refuse_small_disk(target, size)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(6)}.part")
    sums = _Sums()
    try:
        with temporary.open("xb") as file:
            file.write(header)
            sums.whole.update(header)
            for number, (name, info) in enumerate(ordered.items()):
                report(number / len(ordered), name)
                _write_tensor(file, sums, make(name), name, info)
            file.flush()
            os.fsync(file.fileno())
        _check(temporary, target, ordered)
        _give_name(temporary, target)
    except OSError as error:
        raise UserError(f"{target.name}: cannot be written ({error.strerror or error}).") from error
    finally:
        temporary.unlink(missing_ok=True)
    return WrittenModel(target, len(ordered), size, sums.whole.hexdigest(), sums.body.hexdigest())


def refuse_taken(target: Path, field: str = "") -> None:
    """Raise UserError for a target that is no safetensors file by its name, or is there already."""
    if target.suffix.lower() != SUFFIX:
        raise UserError(f"{target.name}: the new file must be called {SUFFIX}.", field=field)
    if target.exists():
        raise _taken(target, field)


def _taken(target: Path, field: str = "") -> UserError:
    return UserError(f"{target.name}: there is a file of this name already.", hint="Rename or move one of them.", field=field)


def _header(target: Path, tensors: Mapping[str, TensorInfo], metadata: Mapping[str, str]) -> tuple[bytes, int]:
    """Length and header, and the size of the whole file; raises ModelFileError for what safetensors cannot hold."""
    if not tensors:
        raise ModelFileError(f"{target.name}: has no tensors, there is nothing to write.")
    document: dict[str, object] = {"__metadata__": {**metadata, "format": "pt"}}
    position = 0
    for name, info in tensors.items():
        if info.dtype not in DTYPE_BITS or name == "__metadata__":
            raise ModelFileError(f"{target.name}: tensor {name!r} of the format {info.dtype} has no place in a safetensors file.")
        length = tensor_bytes(info)
        document[name] = {"dtype": info.dtype, "shape": info.shape, "data_offsets": [position, position + length]}
        position += length
    raw = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    raw += b" " * (-len(raw) % _ALIGNMENT)
    return struct.pack("<Q", len(raw)) + raw, 8 + len(raw) + position


def tensor_bytes(info: TensorInfo) -> int:
    """What a tensor takes in a file; 0 for formats that safetensors does not have."""
    count = 1
    for size in info.shape:
        count *= size
    return count * DTYPE_BITS.get(info.dtype, 0) // 8


def _refuse_small_disk(target: Path, size: int) -> None:
    try:
        free = shutil.disk_usage(target.parent).free
    except OSError as error:
        raise UserError(f"{target.parent}: cannot be written to ({error.strerror or error}).") from error
    if size + SPARE_BYTES > free:
        raise UserError(
            f"{target.name} needs {size / 1e9:.2f} GB, and the disk of {target.parent} has {free / 1e9:.2f} GB left.",
            hint="Make room, or write it in a smaller number format.",
            status=507,
        )


def _write_tensor(file: BinaryIO, sums: _Sums, tensor: Tensor, name: str, info: TensorInfo) -> None:
    import torch

    if tuple(tensor.shape) != info.shape or tensor.dtype is not torch_dtype(info.dtype):
        raise ModelFileError(f"Tensor {name!r} became {tuple(tensor.shape)} in {tensor.dtype}, not {info.shape} in {info.dtype}.")
    raw = tensor.contiguous().reshape(-1).view(torch.uint8).numpy().data
    file.write(raw)
    sums.whole.update(raw)
    sums.body.update(raw)


def _check(written: Path, target: Path, tensors: Mapping[str, TensorInfo]) -> None:
    """Read the header back; raises ModelFileError where it does not say what it should."""
    with written.open("rb") as file:
        header = read_safetensors_header(file, written)
    if header.tensors != dict(tensors):
        raise ModelFileError(f"{target.name}: was not kept, it would not hold what it should.")


def _give_name(temporary: Path, target: Path) -> None:
    """Rename without ever replacing a file, which only a hard link can promise where there are such."""
    try:
        os.link(temporary, target)
    except FileExistsError as error:
        raise _taken(target) from error
    except OSError:
        if target.exists():
            raise _taken(target) from None
        temporary.rename(target)
