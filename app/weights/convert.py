"""Writes a model file anew as safetensors: tensor by tensor, under another name, or not at all.

Format: https://huggingface.co/docs/safetensors/index#format
"""

from __future__ import annotations

import json
import os
import secrets
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from app.errors import ModelFileError, UserError
from app.weights.headers import DTYPE_BITS, read_safetensors_header, told_container
from app.weights.pickled_tensors import TensorMaker
from app.weights.pickles.reading import flatten_file, read_pickle
from app.weights.pickles.values import TensorEntry

if TYPE_CHECKING:
    from torch import Tensor

Report = Callable[[float, str], None]
_ALIGNMENT = 8


@dataclass(frozen=True)
class Converted:
    """What was written: number of tensors and bytes; ``left_out``: branches of the pickle whose tensors are no part of the model."""

    tensors: int
    size_bytes: int
    left_out: tuple[str, ...] = ()


def convert_to_safetensors(source: Path, target: Path, report: Report = lambda fraction, text: None) -> Converted:
    """Write what a pickled file holds as the safetensors file ``target``; what is already there is never replaced.

    Tensors keep their names (those of ``read_header``), shapes and number formats; shared ones are written each for itself; numbers
    and texts become metadata. The file has its name only when it is complete, and takes no more memory than its largest tensor.
    ``report`` takes 0..1 and a few words, and may raise to stop. Raises ModelFileError, UserError.
    """
    _refuse_bad_pair(source, target)
    found = read_pickle(source)
    flat = flatten_file(found, source.name)
    entries = dict(sorted(flat.tensors.items(), key=lambda item: (-DTYPE_BITS.get(item[1].dtype, 0), item[0])))
    header = _header(source, entries, flat.metadata)
    maker = TensorMaker(source, found)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(6)}.part")
    try:
        with temporary.open("xb") as file:
            file.write(header)
            for number, (name, entry) in enumerate(entries.items()):
                report(number / len(entries), name)
                _write_tensor(file, maker.make(entry))
                maker.forget()
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        _check(temporary, source, entries)
        _give_name(temporary, target)
    except OSError as error:
        raise UserError(f"{target.name}: cannot be written ({error.strerror or error}).") from error
    finally:
        temporary.unlink(missing_ok=True)
    return Converted(len(entries), size, flat.left_out)


def _refuse_bad_pair(source: Path, target: Path) -> None:
    try:
        container = told_container(source)
    except OSError as error:
        raise ModelFileError(f"{source.name}: cannot be read ({error.strerror or error}).") from error
    if container == "safetensors":
        raise ModelFileError(f"{source.name}: is a safetensors file already.", hint="Change the end of its name to .safetensors.")
    if container != "pickle":
        raise ModelFileError(f"{source.name}: only .ckpt, .pt, .pth and .bin files can be converted.")
    if target.suffix.lower() != ".safetensors":
        raise UserError(f"{target.name}: the new file must be called .safetensors.")
    if target.exists():
        raise UserError(f"{target.name}: there is a file of this name already.", hint="Rename or move one of them.")


def _header(source: Path, entries: Mapping[str, TensorEntry], metadata: Mapping[str, str]) -> bytes:
    """Length and header; raises ModelFileError for what safetensors cannot hold."""
    if not entries:
        raise ModelFileError(f"{source.name}: has no tensors, there is nothing to convert.")
    document: dict[str, object] = {"__metadata__": {**metadata, "format": "pt"}}
    position = 0
    for name, entry in entries.items():
        if entry.dtype not in DTYPE_BITS or name == "__metadata__":
            raise ModelFileError(f"{source.name}: tensor {name!r} of the format {entry.dtype} has no place in a safetensors file.")
        length = entry.count * DTYPE_BITS[entry.dtype] // 8
        document[name] = {"dtype": entry.dtype, "shape": entry.shape, "data_offsets": [position, position + length]}
        position += length
    raw = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    raw += b" " * (-len(raw) % _ALIGNMENT)
    return struct.pack("<Q", len(raw)) + raw


def _write_tensor(file: BinaryIO, tensor: Tensor) -> None:
    import torch

    file.write(tensor.contiguous().reshape(-1).view(torch.uint8).numpy().data)


def _check(written: Path, source: Path, entries: Mapping[str, TensorEntry]) -> None:
    """Read the header back; raises ModelFileError where it does not say what it should."""
    with written.open("rb") as file:
        header = read_safetensors_header(file, written)
    if {name: info.shape for name, info in header.tensors.items()} != {name: entry.shape for name, entry in entries.items()}:
        raise ModelFileError(f"{source.name}: was not converted, the new file would not be the same.")


def _give_name(temporary: Path, target: Path) -> None:
    """Rename without ever replacing a file, which only a hard link can promise where there are such."""
    try:
        os.link(temporary, target)
    except FileExistsError as error:
        raise UserError(f"{target.name}: there is a file of this name already.", hint="Rename or move one of them.") from error
    except OSError:
        if target.exists():
            raise UserError(f"{target.name}: there is a file of this name already.", hint="Rename or move one of them.") from None
        temporary.rename(target)
