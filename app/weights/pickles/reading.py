"""Reads a pickled model file in any form that torch has written: a tree of plain values, and where the tensors' bytes lie."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from app.errors import ModelFileError
from app.weights.pickles import limits
from app.weights.pickles.flatten import flatten
from app.weights.pickles.legacy_form import read_legacy
from app.weights.pickles.refusal import Damaged, Refused, Unsafe
from app.weights.pickles.tree import tensors_of
from app.weights.pickles.values import ITEM_BYTES, Flat, PickleFile, StorageEntry, TensorEntry
from app.weights.pickles.zip_form import read_zip
from app.weights.pickles.zip_records import EMPTY, FIRST, ends_as_zip

_TAR_MARK, _TAR_PLACE = b"ustar", 257
_HEAD_BYTES = 512
_FOREIGN = {
    b"<": "a web page",
    b"version https://git-lfs": "a pointer of Git LFS in place of the model",
    b"\x89PNG": "a PNG picture",
    b"GGUF": "a GGUF file",
}
AGAIN = "Download it again."
_ELSEWHERE = "Get the model as .safetensors, from a source that you trust."


def read_pickle(path: Path) -> PickleFile:
    """Read and check a file; raises ModelFileError that names the file and what was found in it."""
    try:
        with path.open("rb") as file:
            return read_pickle_file(file, path.name)
    except OSError as error:
        raise ModelFileError(f"{path.name}: cannot be read ({error.strerror or error}).") from error


def flatten_file(found: PickleFile, name: str) -> Flat:
    """The tensors of a file by dotted names, and its texts; raises ModelFileError."""
    try:
        return flatten(found.tree)
    except Refused as error:
        raise ModelFileError(f"{name}: it {error}.", hint=AGAIN) from error


def read_pickle_file(file: BinaryIO, name: str) -> PickleFile:
    """As ``read_pickle``, of an open file."""
    try:
        size = file.seek(0, 2)
        found = _read(file, size)
        _check(found, size)
        return found
    except Unsafe as error:
        raise ModelFileError(f"{name}: refused: it {error}. Nothing of it was run.", hint=_ELSEWHERE) from error
    except Refused as error:
        raise ModelFileError(f"{name}: it {error}.", hint=AGAIN) from error
    except (MemoryError, RecursionError) as error:
        raise ModelFileError(f"{name}: it takes more memory to read than a model file needs.", hint=AGAIN) from error


def _read(file: BinaryIO, size: int) -> PickleFile:
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    if not head:
        raise Damaged("is empty")
    if head.startswith((FIRST, EMPTY)):
        return read_zip(file, size)
    if head[_TAR_PLACE : _TAR_PLACE + len(_TAR_MARK)] == _TAR_MARK:
        raise Damaged("is in the oldest form of torch (a tar archive), which is not read")
    if ends_as_zip(file, size):
        raise Unsafe("begins as one kind of file and ends as a zip archive, so that different programs read different things")
    for mark, what in _FOREIGN.items():
        if head.lstrip().startswith(mark):
            raise Damaged(f"is no model file but {what}")
    return read_legacy(file, size)


def _check(found: PickleFile, size: int) -> None:
    """Every tensor must lie inside of its record, and together they must not be more than a file of this size can hold."""
    unpacked = sum(region.size_bytes for region in found.regions.values() if region.is_deflated)
    if unpacked > limits.DEFLATION * size + limits.DEFLATION_BYTES:
        raise Damaged(f"unpacks to {unpacked:,} bytes, more than a model file of its size")
    total = 0
    for tensor in tensors_of(found.tree):
        if isinstance(tensor.storage, StorageEntry):
            _check_place(found, tensor, tensor.storage)
        total += tensor.count * ITEM_BYTES[tensor.dtype]
    if total > limits.SHARING * (size + unpacked) + limits.SHARING_BYTES:
        raise Damaged(f"describes {total:,} bytes of tensors, more than it can hold")


def _check_place(found: PickleFile, tensor: TensorEntry, storage: StorageEntry) -> None:
    region = found.regions.get(storage.key)
    if region is None:
        raise Damaged(f"has a tensor whose storage {storage.key[:40]!r} is missing")
    item = ITEM_BYTES[storage.dtype or "U8"]
    if (storage.start + storage.count) * item > region.size_bytes:
        raise Damaged(f"has a tensor that needs {(storage.start + storage.count) * item:,} bytes of a storage of {region.size_bytes:,}")
