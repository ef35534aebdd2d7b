"""The trash: model files with everything that belongs to them, kept beside their folders until somebody empties it."""

from __future__ import annotations

import re
import secrets
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from app.api import ModelRecord, NotFoundError, UserError, Value, write_atomically

from .moving import disk_error
from .places import refuse_taken, root_of
from .renaming import move_all, record_at, refuse_while_drawing, set_if_possible, settings_naming
from .sidecars import shares_its_name, sidecars_of

if TYPE_CHECKING:
    from app.api import Host

FOLDER = ".paintbox-trash"
"""In the root of each model folder: on the same disk, so that nothing is copied; what is in it ends in ``SUFFIX``, so nothing lists it."""
SUFFIX = ".trashed"
STATE = "item.json"
_ID = re.compile(r"[0-9a-f]{32}")


class TrashedModel(Value):
    """A model in the trash; ``name``: as it was below its kind's folder; ``removed``: seconds since the epoch."""

    id: str
    folder_kind: str
    name: str
    size_bytes: int
    removed: float
    notes: tuple[str, ...] = ()


class _Item(Value):
    """What is written beside the files; ``files`` are their paths below the root; ``settings`` that meant the model."""

    folder_kind: str
    name: str
    size_bytes: int
    removed: float
    files: tuple[str, ...]
    settings: dict[str, str] = {}


def trash_model(record: ModelRecord, host: Host) -> TrashedModel:
    """Move a model to the trash; raises UserError."""
    refuse_while_drawing(record, host)
    root, shared, chosen = root_of(record), shares_its_name(record, host), settings_naming(record, host)
    files = [Path(record.path), *([] if shared else sidecars_of(record, host))]
    item = _Item(
        folder_kind=record.folder_kind,
        name=record.name,
        size_bytes=sum(file.lstat().st_size for file in files),
        removed=time.time(),
        files=tuple(file.relative_to(root).as_posix() for file in files),
        settings=chosen,
    )
    place = root / FOLDER / secrets.token_hex(16)
    try:
        place.mkdir(parents=True)
        write_atomically(place / STATE, item.model_dump_json().encode())
        move_all([(file, _kept(place, number)) for number, file in enumerate(files)], host)
    except OSError as error:
        shutil.rmtree(place, ignore_errors=True)
        raise disk_error(record.name, error) from error
    except UserError:
        shutil.rmtree(place, ignore_errors=True)
        raise
    host.models.refresh(record.folder_kind)
    notes = [f"{shared} has the same name, so the pictures and notes beside it stay."] if shared else []
    for key in chosen:
        option = host.settings.option(key)
        notes.append(set_if_possible(key, option.default, f"It was chosen under {option.label!r}, where its default counts now.", host))
    return _told(place.name, item, tuple(notes))


def list_trash(host: Host) -> list[TrashedModel]:
    """What is in the trash, the newest first."""
    found = [_told(place.name, item) for place, item in _items(host)]
    return sorted(found, key=lambda one: one.removed, reverse=True)


def restore(item_id: str, host: Host) -> TrashedModel:
    """Put a model back where it was; raises NotFoundError, and UserError (409) where there is a file of its name by now."""
    place, item = _find(item_id, host)
    root = place.parent.parent
    moves = [(_kept(place, number), root / file) for number, file in enumerate(item.files)]
    there = [(kept, target) for kept, target in moves if kept.exists() or kept.is_symlink()]  # not all, after a crash half-way
    for _, target in there:
        refuse_taken(target)
    move_all(there, host)
    shutil.rmtree(place, ignore_errors=True)
    record_at(root / item.files[0], item.folder_kind, host)
    notes = []
    for key, value in item.settings.items():
        option = host.settings.options.get(key)
        if option is not None and host.settings.get(key) == option.default:
            notes.append(set_if_possible(key, value, f"It is chosen under {option.label!r} again.", host))
    return _told(item_id, item, tuple(notes))


def delete(item_id: str, host: Host) -> TrashedModel:
    """Delete one model of the trash for good; raises NotFoundError, UserError."""
    place, item = _find(item_id, host)
    _remove(place, item)
    return _told(item_id, item)


def empty(host: Host) -> list[TrashedModel]:
    """Delete everything in the trash for good."""
    deleted = []
    for place, item in _items(host):
        _remove(place, item)
        deleted.append(_told(place.name, item))
    return deleted


def _remove(place: Path, item: _Item) -> None:
    try:
        shutil.rmtree(place)
    except OSError as error:
        raise disk_error(item.name, error) from error


def _kept(place: Path, number: int) -> Path:
    return place / f"{number}{SUFFIX}"


def _items(host: Host) -> list[tuple[Path, _Item]]:
    roots = dict.fromkeys(root for folder in host.models.folders.values() for root in folder.roots)
    places = [place for root in roots for place in sorted((root / FOLDER).glob("*")) if _ID.fullmatch(place.name)]
    return [(place, item) for place in places if (item := _read(place)) is not None]


def _read(place: Path) -> _Item | None:
    try:
        item = _Item.model_validate_json((place / STATE).read_bytes())
    except (OSError, ValidationError):
        return None
    inside = all(file and ".." not in Path(file).parts and not Path(file).is_absolute() for file in item.files)
    return item if inside and item.files else None


def _find(item_id: str, host: Host) -> tuple[Path, _Item]:
    for place, item in _items(host):
        if place.name == item_id:
            return place, item
    raise NotFoundError("That model is not in the trash any more.", hint="It was restored or deleted.", field="id")


def _told(item_id: str, item: _Item, notes: tuple[str, ...] = ()) -> TrashedModel:
    return TrashedModel(
        id=item_id, folder_kind=item.folder_kind, name=item.name, size_bytes=item.size_bytes, removed=item.removed, notes=notes
    )
