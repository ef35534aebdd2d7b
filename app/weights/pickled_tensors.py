"""Tensors of pickled model files: views of the mapped file, or unpacked where they are compressed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.errors import ModelFileError
from app.weights.filesystem import is_network_path
from app.weights.number_formats import torch_dtype
from app.weights.pickles.reading import AGAIN, flatten_file, read_pickle
from app.weights.pickles.refusal import Damaged
from app.weights.pickles.values import ITEM_BYTES, InlineStorage, PickleFile, Plain, Region, TensorEntry
from app.weights.pickles.zip_records import unpack

if TYPE_CHECKING:
    from torch import Tensor


def load_pickled(path: Path, names: Iterable[str] | None = None) -> dict[str, Tensor]:
    """Tensors by dotted names; all of them, or only ``names``. Raises ModelFileError."""
    found = read_pickle(path)
    entries = flatten_file(found, path.name).tensors
    wanted = list(entries) if names is None else list(names)
    refuse_absent(path, wanted, entries)
    maker = TensorMaker(path, found)
    return {name: maker.make(entries[name]) for name in wanted}


def load_pickled_tree(path: Path) -> Any:
    """The whole tree with its tensors; what is referred to twice is there once. Raises ModelFileError."""
    found = read_pickle(path)
    maker = TensorMaker(path, found)
    done: dict[int, Any] = {}

    def grow(value: Plain) -> Any:
        if isinstance(value, TensorEntry | dict | list | tuple):
            if id(value) not in done:
                done[id(value)] = branch(value)
            return done[id(value)]
        return value

    def branch(value: TensorEntry | dict[Any, Any] | list[Any] | tuple[Any, ...]) -> Any:
        if isinstance(value, TensorEntry):
            return maker.make(value)
        if isinstance(value, dict):
            return {key: grow(item) for key, item in value.items()}
        items = [grow(item) for item in value]
        return items if isinstance(value, list) else tuple(items)

    return grow(found.tree)


def refuse_absent(path: Path, wanted: Iterable[str], known: Collection[str]) -> None:
    """Raise ModelFileError for names that the file does not have."""
    absent = [name for name in wanted if name not in known]
    if absent:
        raise ModelFileError(f"{path.name}: has no tensor {absent[0]!r} ({len(absent)} missing).")


class TensorMaker:
    """Makes tensors of entries; a compressed storage is unpacked once, when it is needed first.

    ``mapped`` False: the others are read as well, instead of being views of the mapped file.
    """

    def __init__(self, path: Path, found: PickleFile, *, mapped: bool = True) -> None:
        self._path = path
        self._found = found
        self._is_mapped = mapped and not is_network_path(path)
        self._mapped: Tensor | None = None
        self._unpacked: dict[str, Tensor] = {}

    def make(self, entry: TensorEntry) -> Tensor:
        """The tensor on the CPU; raises ModelFileError."""
        import torch

        dtype = torch_dtype(entry.dtype)
        if not entry.count:
            return torch.empty(entry.shape, dtype=dtype)
        item = ITEM_BYTES[entry.dtype]
        try:
            part = self._bytes(entry)[entry.offset * item : (entry.offset + entry.span) * item]
        except (OSError, RuntimeError, Damaged) as error:
            raise ModelFileError(f"{self._path.name}: cannot be loaded ({error}).", hint=AGAIN) from error
        is_big_endian = entry.storage.is_big_endian if isinstance(entry.storage, InlineStorage) else self._found.is_big_endian
        unit = item // 2 if dtype.is_complex else item
        if is_big_endian and unit > 1:
            part = part.view(-1, unit).flip(1).reshape(-1)
        elif part.storage_offset() % item or part.data_ptr() % item:
            part = part.clone()
        typed = part.view(dtype)
        return typed.as_strided(entry.shape, entry.stride, typed.storage_offset())

    def forget(self) -> None:
        """Let go of what was unpacked."""
        self._unpacked.clear()

    def _bytes(self, entry: TensorEntry) -> Tensor:
        """The bytes of the entry's storage, (n,) uint8."""
        import torch

        storage = entry.storage
        if isinstance(storage, InlineStorage):
            return torch.frombuffer(bytearray(storage.data), dtype=torch.uint8)
        region = self._found.regions[storage.key]
        start = storage.start * ITEM_BYTES[storage.dtype or "U8"]
        if self._is_mapped and not region.is_deflated:
            return self._map()[region.offset + start : region.offset + region.size_bytes]
        if storage.key not in self._unpacked:
            self._unpacked[storage.key] = _unpack(self._path, region)
        return self._unpacked[storage.key][start:]

    def _map(self) -> Tensor:
        import torch

        if self._mapped is None:
            size = self._path.stat().st_size
            self._mapped = torch.from_file(str(self._path), shared=False, size=size, dtype=torch.uint8)
        return self._mapped


def _unpack(path: Path, region: Region) -> Tensor:
    """The bytes of a record, read and unpacked."""
    import torch

    result = torch.empty(region.size_bytes, dtype=torch.uint8)
    buffer = result.numpy().data
    position = 0
    with path.open("rb") as file:
        for block in unpack(file, region):
            buffer[position : position + len(block)] = block[: len(buffer) - position]
            position += len(block)
    return result
