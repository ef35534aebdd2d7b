"""Writes a pickled model file anew as safetensors: tensor by tensor, under another name, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.errors import ModelFileError
from app.values.model import TensorInfo
from app.weights.headers import DTYPE_BITS, told_container
from app.weights.safetensors_writer import Report, WrittenModel, refuse_taken, write_safetensors
from app.weights.tensor_reader import open_tensors


@dataclass(frozen=True)
class Converted:
    """What was written; ``left_out``: branches of the pickle whose tensors are no part of the model."""

    written: WrittenModel
    left_out: tuple[str, ...] = ()


def convert_to_safetensors(source: Path, target: Path, report: Report = lambda fraction, text: None) -> Converted:
    """Write what a pickled file holds as the safetensors file ``target``; what is already there is never replaced.

    Tensors keep their names (those of ``read_header``), shapes and number formats; shared ones are written each for itself; numbers
    and texts become metadata. The file has its name only when it is complete, and takes no more memory than its largest tensor.
    ``report`` takes 0..1 and a few words, and may raise to stop. Raises ModelFileError, UserError.
    """
    _refuse_bad_pair(source, target)
    with open_tensors(source) as reader:
        header = reader.header
        _refuse_foreign(source, header.tensors)
        written = write_safetensors(target, header.tensors, reader.read, metadata=header.metadata, report=report)
        return Converted(written, reader.left_out)


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


def _refuse_foreign(source: Path, entries: Mapping[str, TensorInfo]) -> None:
    """Raise ModelFileError for what safetensors cannot hold."""
    if not entries:
        raise ModelFileError(f"{source.name}: has no tensors, there is nothing to convert.")
    for name, entry in entries.items():
        if entry.dtype not in DTYPE_BITS or name == "__metadata__":
            raise ModelFileError(f"{source.name}: tensor {name!r} of the format {entry.dtype} has no place in a safetensors file.")
