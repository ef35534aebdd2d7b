"""The last step of an upload and a download alike: a file that was recognised gets its place and its name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.api import UserError, Value

from .moving import move_file
from .names import suffix_of
from .places import check_room, host_root, model_folder, new_path
from .recognising import Recognised
from .renaming import record_at

if TYPE_CHECKING:
    from app.api import Host


@dataclass(frozen=True)
class Arrived:
    """A complete file in the place where it waited, with what it is and its (sha256, AutoV3)."""

    path: Path
    recognised: Recognised
    hashes: tuple[str, str | None]


class Wish(Value):
    """Where a file should go; "": the folder by what it is, the name that it came with."""

    folder_kind: str = ""
    folder: str = ""
    name: str = ""


class Settled(Value):
    """A file that has its place: ``name`` below its kind's folder; ``notes`` are sentences for the user."""

    folder_kind: str
    name: str
    title: str
    sha256: str
    size_bytes: int
    recognised: Recognised
    notes: tuple[str, ...] = ()


def settle(arrived: Arrived, wish: Wish, host: Host) -> Settled:
    """Give the file its name; raises UserError, 409 where the name is taken, and then it stays where it was."""
    recognised, path = arrived.recognised, arrived.path
    kind = wish.folder_kind or next(iter(recognised.folder_kinds), "")
    if not kind:
        what = f"{path.name} was recognised ({recognised.title}), but no installed extension has a folder for such files."
        raise UserError(what, hint="Choose a folder.", field="folder_kind")
    target = new_path(kind, wish.folder, with_suffix(wish.name or path.name, path.name, kind, host), host)
    size = path.stat().st_size
    if _device(path) != _device(host_root(kind, host)):
        check_room(target.parent, size)
    move_file(path, target)
    record = record_at(target, kind, host)
    record = host.models.put_hash(record, *arrived.hashes)
    notes = [recognised.note] if recognised.note else []
    if kind not in recognised.folder_kinds:
        notes.append(f"It is of the kind {recognised.title!r}, which the folder {model_folder(kind, host).title!r} is not for.")
    return Settled(
        folder_kind=kind,
        name=record.name,
        title=record.title,
        sha256=arrived.hashes[0],
        size_bytes=size,
        recognised=recognised,
        notes=tuple(notes),
    )


def with_suffix(name: str, came_as: str, kind: str, host: Host) -> str:
    """The wanted name with the suffix that the file came with, which says how it is read."""
    folder = model_folder(kind, host)
    suffix = suffix_of(came_as, folder) or Path(came_as).suffix
    return name if name.lower().endswith(suffix.lower()) else name + suffix


def _device(path: Path) -> int:
    there = next(folder for folder in (path, *path.parents) if folder.exists())
    return there.stat().st_dev
