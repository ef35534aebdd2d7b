"""What a pickled file comes to: a tree of plain values, with tensors described by where their bytes lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Plain = object
"""dict, list, tuple, set, frozenset, str, bytes, bytearray, int, float, complex, bool, None or TensorEntry, at any depth."""

ITEM_BYTES: Mapping[str, int] = {
    "BOOL": 1,
    "U8": 1,
    "I8": 1,
    "F8_E4M3": 1,
    "F8_E5M2": 1,
    "F8_E4M3FNUZ": 1,
    "F8_E5M2FNUZ": 1,
    "F8_E8M0": 1,
    "I16": 2,
    "U16": 2,
    "F16": 2,
    "BF16": 2,
    "I32": 4,
    "U32": 4,
    "F32": 4,
    "C32": 4,
    "I64": 8,
    "U64": 8,
    "F64": 8,
    "C64": 8,
    "C128": 16,
}
"""Bytes of one element by the format's name; safetensors' names, and C32 and C128, which it does not have."""


@dataclass(frozen=True, slots=True)
class StorageEntry:
    """A run of ``count`` elements in the record ``key``, from element ``start``; untyped storages count bytes."""

    key: str
    dtype: str
    count: int
    start: int = 0


@dataclass(frozen=True, slots=True)
class InlineStorage:
    """Bytes that stand in the pickle itself: arrays of numpy."""

    data: bytes = field(repr=False)
    is_big_endian: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class TensorEntry:
    """A tensor: ``stride`` and ``offset`` count elements of ``dtype``, the offset from the start of the storage."""

    dtype: str
    shape: tuple[int, ...]
    stride: tuple[int, ...]
    offset: int
    storage: StorageEntry | InlineStorage

    @property
    def count(self) -> int:
        """Number of elements."""
        count = 1
        for size in self.shape:
            count *= size
        return count

    @property
    def span(self) -> int:
        """Elements from the first to the one after the last; 0 for empty tensors."""
        if 0 in self.shape:
            return 0
        return 1 + sum((size - 1) * step for size, step in zip(self.shape, self.stride, strict=True))


@dataclass(frozen=True, slots=True)
class Region:
    """Where a record lies in the file; ``size_bytes`` of it when unpacked."""

    offset: int
    stored_bytes: int
    size_bytes: int
    is_deflated: bool = False


@dataclass(frozen=True)
class PickleFile:
    """A file that was read and checked: every tensor of the tree lies inside its region."""

    tree: Plain
    regions: Mapping[str, Region]
    is_big_endian: bool = False


@dataclass(frozen=True)
class Flat:
    """The tensors by dotted names, what else there is as texts, and names of branches whose tensors belong to something else."""

    tensors: Mapping[str, TensorEntry]
    metadata: Mapping[str, str]
    left_out: tuple[str, ...] = ()


def row_major(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Strides of a contiguous tensor."""
    strides: list[int] = []
    step = 1
    for size in reversed(shape):
        strides.append(step)
        step *= max(1, size)
    return tuple(reversed(strides))
