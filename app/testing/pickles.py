"""Pickled files for tests: single instructions, whole programs, and zip files as torch writes them."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class Hostile:
    """Pickles as a call of ``print``."""

    def __reduce__(self) -> tuple[Any, ...]:
        """What unpickling would do."""
        return print, ("hello",)


def deflate_zip(source: Path, target: Path) -> Path:
    """The same records, compressed; returns ``target``."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return target


def text(value: str) -> bytes:
    """BINUNICODE."""
    raw = value.encode()
    return b"X" + len(raw).to_bytes(4, "little") + raw


def tensor(count: int = 4, shape: tuple[int, ...] = (2, 2), stride: tuple[int, ...] = (2, 1), offset: int = 0) -> bytes:
    """A tensor of float32 numbers in the storage "0"."""
    storage = b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text("0") + text("cpu") + number(count) + b"tQ"
    sizes = b"".join(b"(" + b"".join(map(number, values)) + b"t" for values in (shape, stride))
    return b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + number(offset) + sizes + b"\x89ccollections\nOrderedDict\n)RtR"


def number(value: int) -> bytes:
    """LONG1."""
    raw = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    return b"\x8a" + bytes([len(raw)]) + raw


def program(body: bytes) -> bytes:
    """A pickle of protocol 2 that ends with what ``body`` leaves."""
    return b"\x80\x02" + body + b"."


def write_zip(path: Path, body: bytes, records: Mapping[str, bytes] | None = None, compression: int = zipfile.ZIP_STORED) -> Path:
    """A file in torch's zip form whose data.pkl is ``program(body)``; ``records`` by their names below the folder."""
    with zipfile.ZipFile(path, "w", compression) as file:
        file.writestr("archive/data.pkl", program(body))
        for name, data in {"data/0": bytes(range(16)), "version": b"3\n", **(records or {})}.items():
            file.writestr(f"archive/{name}", data)
    return path
