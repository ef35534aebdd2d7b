"""Writes a pickled model file anew as safetensors: tensor by tensor, under another name, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import ModelFileError
from app.values.model import TensorInfo
from app.weights.headers import DTYPE_BITS, told_container
from app.weights.pickled_tensors import TensorMaker
from app.weights.pickles.reading import flatten_file, read_pickle
from app.weights.pickles.values import TensorEntry
from app.weights.safetensors_writer import Report, refuse_taken, write_safetensors

if TYPE_CHECKING:
    from torch import Tensor


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
    _refuse_foreign(source, flat.tensors)
    maker = TensorMaker(source, found)

    def make(name: str) -> Tensor:
        maker.forget()
        return maker.make(flat.tensors[name])

    tensors = {name: TensorInfo(entry.dtype, tuple(entry.shape)) for name, entry in flat.tensors.items()}
    written = write_safetensors(target, tensors, make, metadata=flat.metadata, report=report)
    return Converted(written.tensors, written.size_bytes, flat.left_out)


def _refuse_bad_pair(source: Path, target: Path) -> None:
    try:
        container = told_container(source)
    except OSError as error:
        raise ModelFileError(f"{source.name}: cannot be read ({error.strerror or error}).") from error
    if container == "safetensors":
        raise ModelFileError(f"{source.name}: is a safetensors file already.", hint="Change the end of its name to .safetensors.")
    if container != "pickle":
        raise ModelFileError(f"{source.name}: only .ckpt, .pt, .pth and .bin files can be converted.")
    refuse_taken(target)


def _refuse_foreign(source: Path, entries: Mapping[str, TensorEntry]) -> None:
    """Raise ModelFileError for what safetensors cannot hold."""
    if not entries:
        raise ModelFileError(f"{source.name}: has no tensors, there is nothing to convert.")
    for name, entry in entries.items():
        if entry.dtype not in DTYPE_BITS or name == "__metadata__":
            raise ModelFileError(f"{source.name}: tensor {name!r} of the format {entry.dtype} has no place in a safetensors file.")
