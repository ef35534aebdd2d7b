"""Where new model files go, and how the index learns of one that this program has written."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path

from app.errors import UserError
from app.values.model import ModelRecord
from app.weights.file_names import name_problem, name_taken
from app.weights.index import ModelIndex
from app.weights.safetensors_writer import SUFFIX, WrittenModel


def new_model_file(roots: Sequence[Path], name: str, *, field: str = "name") -> Path:
    """Where a new safetensors file called ``name`` goes: below the first of ``roots``; a folder in the name must be there already.

    Raises UserError with ``field`` for names that no model file may have (``name_problem``), or that are taken, in whatever case.
    """
    if not roots:
        raise UserError("There is no folder for such files.", field=field)
    bare = unicodedata.normalize("NFC", name.strip()).removesuffix(SUFFIX)
    *folders, last = bare.split("/")
    for part in (*folders, last, last + SUFFIX):
        reason = name_problem(part)
        if reason:
            raise UserError(f"A file cannot be called {name[:80]!r}: {reason}.", field=field)
    folder = roots[0].joinpath(*folders)
    if folders and not folder.is_dir():
        raise UserError(f"There is no folder {'/'.join(folders)!r} in {roots[0]}.", field=field)
    target = folder / (last + SUFFIX)
    taken = name_taken(target)
    if taken:
        raise UserError(f"{taken}: there is a file of this name already.", hint="Rename or move one of them.", field=field)
    return target


def take_in(models: ModelIndex, folder_kind: str, written: WrittenModel) -> ModelRecord | None:
    """Have the index list a new file now, with its hashes; its record, None where it lies outside of the folders."""
    models.refresh(folder_kind)
    record = models.find(folder_kind, str(written.path))
    return models.put_hash(record, written.sha256, written.autov3) if record is not None else None
