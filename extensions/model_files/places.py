"""Where files of each kind go: roots, sub-folders, names that are taken, room on the disk."""

from __future__ import annotations

import math
import os
import shutil
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from app.api import ModelFolder, ModelRecord, NotFoundError, UserError, Value, name_taken, natural_key

from .names import check_folder, check_name

if TYPE_CHECKING:
    from app.api import Host

MOST_FOLDERS = 500
UNITS = ("bytes", "kB", "MB", "GB", "TB")
RESERVE_BYTES = 256 * 1024 * 1024
"""So much room is left for everything else."""


class ListedFolder(Value):
    """A kind of folder: what may lie in it, and the sub-folders that there are; ``path``: where new files go."""

    kind: str
    title: str
    suffixes: tuple[str, ...]
    path: str
    folders: tuple[str, ...]


def model_folder(kind: str, host: Host, field: str = "folder_kind") -> ModelFolder:
    """The kind of folder; raises NotFoundError that names the field."""
    place = host.models.folders.get(kind)
    if place is None:
        known = ", ".join(host.models.folders)
        raise NotFoundError(f"There is no model folder of the kind {kind!r}.", hint=f"There are: {known}.", field=field)
    return place.folder


def new_path(kind: str, folder: str, name: str, host: Host) -> Path:
    """Where a new file goes: into the first folder of the kind; raises UserError for what cannot be called so, 409 for what is there."""
    target = host_root(kind, host) / check_folder(folder) / check_name(name, model_folder(kind, host))
    refuse_taken(target)
    return target


def host_root(kind: str, host: Host) -> Path:
    """The folder of a kind that new files go to."""
    return host.models.folders[model_folder(kind, host).kind].roots[0]


def root_of(record: ModelRecord) -> Path:
    """The folder that the record was found in."""
    path = Path(record.path)
    return path.parents[record.name.count("/")]


def find_record(kind: str, model: str, host: Host, field: str = "model") -> ModelRecord:
    """The one file that is meant by a name, title, path or hash; raises NotFoundError, and UserError where several are, by field."""
    model_folder(kind, host)
    records = host.models.records(kind)
    found = [record for record in records if model in (record.name, record.title, record.path)]
    found = found or [record for record in records if model in _short_names(record)]
    if len(found) > 1:
        names = ", ".join(record.name for record in found[:5])
        raise UserError(f"{model[:200]!r} may mean several files: {names}.", hint="Name one with its folder and suffix.", field=field)
    if not found or not os.path.lexists(found[0].path):
        raise NotFoundError(f"There is no model {model[:200]!r} in the folders of the kind {kind!r}.", field=field)
    return found[0]


def _short_names(record: ModelRecord) -> tuple[str | None, ...]:
    name = PurePosixPath(record.name)
    return name.name, name.stem, str(name.with_suffix("")), record.sha256, record.short_hash


def refuse_taken(target: Path, but: Path | None = None) -> None:
    """Raise UserError (409) where there is a file of this name already, in whatever case."""
    name = name_taken(target, but)
    if name:
        raise taken(name)


def taken(name: str) -> UserError:
    """The error for a name that a file has already."""
    hint = "Nothing is replaced: choose another name."
    return UserError(f"There is a file {name} in that folder already.", hint=hint, field="name", status=409)


def check_room(place: Path, need_bytes: int) -> None:
    """Raise UserError (507) when the disk of a folder, which need not exist yet, has no room for so much."""
    there = next(folder for folder in (place, *place.parents) if folder.exists())
    free = shutil.disk_usage(there).free - RESERVE_BYTES
    if need_bytes > free:
        raise UserError(
            f"The disk has no room for this file: it needs {readable(need_bytes)}, {readable(max(0, free))} are free.",
            hint="Empty the trash, or delete what is not needed.",
            status=507,
        )


def readable(size_bytes: float) -> str:
    """A size for people."""
    power = min(len(UNITS) - 1, max(0, int(math.log10(max(1.0, size_bytes))) // 3))
    number = size_bytes / 1000**power
    return f"{number:.0f} {UNITS[power]}" if power == 0 or number >= 100 else f"{number:.1f} {UNITS[power]}"


def list_folders(host: Host) -> list[ListedFolder]:
    """All kinds with their sub-folders."""
    listed = []
    for kind, place in host.models.folders.items():
        folders = tuple(_sub_folders(place.roots[0]))
        listed.append(
            ListedFolder(kind=kind, title=place.folder.title, suffixes=place.folder.suffixes, path=str(place.roots[0]), folders=folders)
        )
    return listed


def _sub_folders(root: Path) -> list[str]:
    found: list[str] = []
    for folder, names, _ in os.walk(root):
        names[:] = sorted(name for name in names if not name.startswith("."))
        for name in names:
            found.append((Path(folder) / name).relative_to(root).as_posix())
        if len(found) >= MOST_FOLDERS:
            break
    return sorted(found[:MOST_FOLDERS], key=natural_key)
