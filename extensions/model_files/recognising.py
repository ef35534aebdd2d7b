"""Says what a file is that has no place yet, from its header alone, and which kinds of folders are for it."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import TYPE_CHECKING

from app.api import MAX_HEADER_BYTES, ModelFileError, Value

from .names import suffix_of

if TYPE_CHECKING:
    from app.api import Host

SAFETENSORS = (".safetensors", ".sft")
LENGTH_BYTES = 8
"""Of the number at the beginning of a safetensors file: how long its header is."""


class Recognised(Value):
    """What a file is: ``title`` for people; ``folder_kinds`` that are for it, the best first; ``note``: why it may be no use here."""

    kind: str
    title: str
    family: str = ""
    family_title: str = ""
    folder_kinds: tuple[str, ...] = ()
    note: str = ""


def recognise(path: Path, host: Host) -> Recognised:
    """What the file is; raises ModelFileError with the reader's sentence for a malicious, damaged or unknown one.

    Its header is read as the model index does: pickles by the process that is there for them, nothing is ever unpickled here.
    """
    known = host.models.examine(path)
    identity = known.identity
    if identity is None:
        raise ModelFileError(known.problem or f"{path.name}: no installed extension knows this kind of file.", hint="It was not kept.")
    family = host.families.find(identity.family) if identity.family else None
    folders = [place.folder for place in host.models.folders.values()]
    fitting = [folder for folder in folders if identity.kind == folder.kind or identity.kind in folder.holds]
    return Recognised(
        kind=identity.kind,
        title=identity.title or identity.kind,
        family=identity.family,
        family_title=family.title if family else identity.family,
        folder_kinds=tuple(folder.kind for folder in fitting if suffix_of(path.name, folder)),
        note=known.problem if not fitting or _is_loaded_by_families(identity.kind, host) else "",
    )


def _is_loaded_by_families(kind: str, host: Host) -> bool:
    """Whether it is families of models that know what can be used; of other kinds nobody but their extensions does."""
    return any(family.kind == kind for family in host.families)


def recognise_start(path: Path, size_bytes: int, host: Host) -> Recognised | None:
    """The same of a safetensors file of which only the beginning has arrived; None while the header is not complete."""
    if path.suffix.lower() not in SAFETENSORS:
        return None
    with path.open("rb") as file:
        prefix = file.read(LENGTH_BYTES)
        if len(prefix) < LENGTH_BYTES:
            return None
        (length,) = struct.unpack("<Q", prefix)
        if length > MAX_HEADER_BYTES:
            raise ModelFileError(f"{path.name}: not a safetensors file.", hint="It was not kept.")
        header = file.read(length)
    if len(header) < length:
        return None
    return _as_if_whole(path, prefix + header, size_bytes, host)


def _as_if_whole(path: Path, start: bytes, size_bytes: int, host: Host) -> Recognised:
    """What a file with this beginning and size is: the rest is a hole that takes no room."""
    folder = path.parent / ".peek"
    folder.mkdir(exist_ok=True)
    hollow = folder / path.name
    try:
        with hollow.open("wb") as file:
            file.write(start)
            file.truncate(size_bytes)
        return recognise(hollow, host)
    finally:
        hollow.unlink(missing_ok=True)
        folder.rmdir()
