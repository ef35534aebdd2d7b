"""Read tensors out of a safetensors file: by memory map, or by reading their bytes where it lies on a network file system."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import ModelFileError
from app.weights.filesystem import is_network_path
from app.weights.headers import container_of, read_header

if TYPE_CHECKING:
    from torch import Tensor


LENGTH_BYTES = 8


def load_tensors(path: Path, names: Iterable[str] | None = None) -> dict[str, Tensor]:
    """Tensors by name on the CPU, in the file's own dtypes; all of them, or only ``names``.

    On local disks they are views of the mapped file (nothing is read until it is used); over a network their bytes are read, once.
    Raises ModelFileError for damaged files, missing names and containers that are not safetensors.
    """
    if container_of(path) != "safetensors":
        raise ModelFileError(f"{path.name}: only .safetensors files can be loaded.", hint="Convert it to safetensors.")
    header = read_header(path)
    wanted = list(header.tensors) if names is None else list(names)
    absent = [name for name in wanted if name not in header.tensors]
    if absent:
        raise ModelFileError(f"{path.name}: has no tensor {absent[0]!r} ({len(absent)} missing).")
    tensors = _read_parts(path, wanted) if is_network_path(path) else _map(path, wanted)
    return {name: tensors[name] for name in wanted}


def _map(path: Path, names: Iterable[str]) -> dict[str, Tensor]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), framework="pt", device="cpu") as file:
            return {name: file.get_tensor(name) for name in names}
    except (SafetensorError, OSError) as error:
        raise ModelFileError(f"{path.name}: cannot be loaded ({error}).") from error


def _read_parts(path: Path, names: Iterable[str]) -> dict[str, Tensor]:
    """Read only the bytes of these tensors, in the order of the file, and put them together as a smaller file in memory."""
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(LENGTH_BYTES))
            entries = json.loads(file.read(length))
            header, parts, position = {}, [], 0
            for name in sorted(names, key=lambda name: entries[name]["data_offsets"][0]):
                begin, end = entries[name]["data_offsets"]
                file.seek(LENGTH_BYTES + length + begin)
                parts.append(file.read(end - begin))
                header[name] = {**entries[name], "data_offsets": [position, position + end - begin]}
                position += end - begin
        raw = json.dumps(header).encode()
        return load(b"".join([struct.pack("<Q", len(raw)), raw, *parts]))
    except (SafetensorError, OSError) as error:
        raise ModelFileError(f"{path.name}: cannot be loaded ({error}).") from error
