"""Reads the vectors of embedding files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from app.api import ModelFileError, ModelRecord, UserError, hash_file, load_tensors, read_header
from extensions.textual_inversion.api import Embedding
from extensions.textual_inversion.catalogue import Listed
from extensions.textual_inversion.layout import read_layout
from extensions.textual_inversion.pictures import is_picture, read_picture
from extensions.textual_inversion.rows import rows_of

if TYPE_CHECKING:
    from app.api import Host

DIGITS = 12


def embedding_of(one: Listed, host: Host) -> Embedding:
    """The embedding of a file that is known to be one."""
    record = one.record
    return Embedding(
        name=one.name,
        file=record.name,
        key=f"{record.path}|{record.size_bytes}|{record.mtime_ns}",
        count=one.count,
        widths=one.widths,
        read=lambda: read_vectors(Path(record.path)),
        digits=lambda: short_hash(record, host),
    )


def read_vectors(path: Path) -> tuple[Tensor, ...]:
    """The vectors (n, width) in float32 for each text encoder in order; raises ModelFileError for what is no embedding."""
    try:
        if is_picture(path):
            picture = read_picture(path)
            if picture is None:
                raise UserError("it carries none")
            return (torch.tensor(picture.rows, dtype=torch.float32),)
        names = read_layout(read_header(path).tensors).names
        tensors = load_tensors(path, names)
        return rows_of([tensors[name] for name in names])
    except ModelFileError:
        raise
    except UserError as error:
        raise ModelFileError(f"{path.name} cannot be used as an embedding: {error.what.rstrip('.')}.") from error


def short_hash(record: ModelRecord, host: Host) -> str:
    """The first 12 digits of the file's sha256, "" where it cannot be read any more."""
    known = host.models.with_known_hash(record)
    if known.sha256 is None:
        try:
            computed = hash_file(Path(record.path))
        except OSError:
            return ""
        known = host.models.put_hash(record, *computed) if computed else known
    return (known.sha256 or "")[:DIGITS]


def checksum(vectors: Tensor) -> str:
    """A1111's short id of vectors: four hexadecimal digits over the hundredfold numbers, cut to whole ones."""
    value = 0
    for number in (vectors.reshape(-1) * 100).tolist():
        value = (value * 281 ^ int(number) * 997) & 0xFFFFFFFF
    return f"{value & 0xFFFF:04x}"
