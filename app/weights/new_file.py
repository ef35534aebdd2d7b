"""Names of new model files, and how the index learns of one that this program has written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app.errors import UserError
from app.values.model import ModelRecord
from app.weights.index import ModelIndex
from app.weights.safetensors_writer import SUFFIX, WrittenModel, refuse_taken

LONGEST_NAME_BYTES = 220
"""Leaves room for what is put around the name while the file is written."""
_FORBIDDEN = '<>:"|?*\\'


def new_model_file(roots: Sequence[Path], name: str, *, field: str = "name") -> Path:
    """Where a new safetensors file called ``name`` goes: below the first of ``roots``; a folder in the name must be there already.

    Raises UserError with ``field`` for names that are no file names, lead elsewhere, or are taken.
    """
    if not roots:
        raise UserError("There is no folder for such files.", field=field)
    bare = name.strip().removesuffix(SUFFIX)
    *folders, last = bare.split("/")
    if any(not part.strip() or part.startswith(".") or part != part.rstrip(". ") for part in (*folders, last)):
        raise UserError(f"{name!r} is no file name.", hint="Give it without empty parts and without dots at its ends.", field=field)
    bad = next((letter for letter in bare if letter in _FORBIDDEN or ord(letter) < ord(" ")), None)
    if bad is not None:
        raise UserError(f"A file name cannot have {bad!r} in it: {name!r}.", field=field)
    if len(last.encode("utf-8", "replace")) > LONGEST_NAME_BYTES:
        raise UserError(f"The name {last[:40]!r}... is too long for a file.", hint="Give a shorter one.", field=field)
    root = roots[0]
    folder = root.joinpath(*folders)
    if folders and not folder.is_dir():
        raise UserError(f"There is no folder {'/'.join(folders)!r} in {root}.", field=field)
    target = folder / (last + SUFFIX)
    refuse_taken(target, field)
    return target


def take_in(models: ModelIndex, folder_kind: str, written: WrittenModel) -> ModelRecord | None:
    """Have the index list a new file now, with its hashes; its record, None where it lies outside of the folders."""
    models.refresh(folder_kind)
    record = models.find(folder_kind, str(written.path))
    return models.put_hash(record, written.sha256, written.autov3) if record is not None else None
