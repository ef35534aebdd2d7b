"""Read tensors out of a model file: by memory map, or by reading their bytes where it lies on a network file system."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.errors import ModelFileError
from app.values.model import Container
from app.weights.filesystem import is_network_path
from app.weights.headers import read_header, told_container
from app.weights.pickled_tensors import load_pickled, load_pickled_tree, refuse_absent

if TYPE_CHECKING:
    from torch import Tensor


LENGTH_BYTES = 8


def load_tensors(path: Path, names: Iterable[str] | None = None) -> dict[str, Tensor]:
    """Tensors by name on the CPU, in the file's own dtypes; all of them, or only ``names``.

    On local disks they are views of the mapped file (nothing is read until it is used); over a network their bytes are read, once.
    Pickles are read by ``app.weights.pickles``, and nothing in them is run; the names are those of ``read_header``.
    Raises ModelFileError for damaged and refused files, missing names and other containers.
    """
    container = _container(path)
    if container == "pickle":
        return load_pickled(path, names)
    header = read_header(path)
    wanted = list(header.tensors) if names is None else list(names)
    refuse_absent(path, wanted, header.tensors)
    tensors = _read_parts(path, wanted) if is_network_path(path) else _map(path, wanted)
    return {name: tensors[name] for name in wanted}


def load_tree(path: Path) -> Any:
    """Everything that a model file holds, as it is nested: dict, list, tuple, set, text, number, None, and tensors as by ``load_tensors``.

    For layouts that dotted names do not tell, such as numbers as keys. Arrays of numpy come out as tensors, objects of other classes
    as None. A safetensors file gives its tensors by name. Raises ModelFileError.
    """
    return load_pickled_tree(path) if _container(path) == "pickle" else load_tensors(path)


def _container(path: Path) -> Container:
    try:
        container = told_container(path)
    except OSError as error:
        raise ModelFileError(f"{path.name}: cannot be read ({error.strerror or error}).") from error
    if container not in ("safetensors", "pickle"):
        raise ModelFileError(f"{path.name}: only .safetensors files and pickles (.ckpt, .pt, .pth, .bin) can be loaded.")
    return container


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
