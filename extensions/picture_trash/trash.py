"""The folder of deleted pictures: each with the files that belong to it, and a note of where they came from and whose they are."""

from __future__ import annotations

import re
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from app.api import NotFoundError, UserError, Value, write_atomically

if TYPE_CHECKING:
    from app.api import Host

FOLDER = "trash"
NOTE = "origin.json"
DAY_S = 24 * 3600.0
BESIDE = (".txt", ".jpg")
"""Suffixes of files of the same name that are made along with a picture."""
_ID = re.compile(r"[0-9a-f]{24}")


class Origin(Value):
    """Where files lay: ``folder`` absolute, ``names`` the picture first; ``owner``: who may bring them back."""

    folder: str
    names: tuple[str, ...]
    owner: str


def trash_folder(host: Host) -> Path:
    """Where deleted pictures lie."""
    return host.paths.data / FOLDER


def delete(host: Host, picture: Path, owner: str) -> str:
    """Move a picture and what belongs to it into the trash; returns the id by which it comes back. Raises UserError that names the file."""
    if not picture.is_file():
        raise NotFoundError(f"{picture.name} was deleted or moved.")
    files = [picture, *(path for path in map(picture.with_suffix, BESIDE) if path != picture and path.is_file())]
    number = secrets.token_hex(12)
    place = trash_folder(host) / number
    origin = Origin(folder=str(picture.parent), names=tuple(path.name for path in files), owner=owner)
    try:
        place.mkdir(parents=True)
        write_atomically(place / NOTE, origin.model_dump_json().encode())
        _move([(path, place / path.name) for path in files])
    except OSError as error:
        shutil.rmtree(place, ignore_errors=True)
        raise UserError(f"{picture.name} cannot be deleted ({error.strerror or error}).", status=409) from error
    return number


def restore(host: Host, number: str, owner: str) -> str:
    """Bring a deleted picture back; returns its name. Raises UserError when it is not there, or another file has its name by now."""
    place = trash_folder(host) / number
    origin = _origin(place) if _ID.fullmatch(number) else None
    if origin is None or origin.owner != owner:
        raise NotFoundError("The deleted picture is not there any more.")
    folder = Path(origin.folder)
    taken = [name for name in origin.names if (folder / name).exists()]
    if taken:
        raise UserError(f"There is another {taken[0]} by now.", hint=f"The deleted one lies in {place}.", status=409)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _move([(place / name, folder / name) for name in origin.names])
    except OSError as error:
        raise UserError(f"{origin.names[0]} cannot be brought back ({error.strerror or error}).", status=409) from error
    shutil.rmtree(place, ignore_errors=True)
    return origin.names[0]


def sweep(host: Host, now_s: float) -> None:
    """Delete for good what has lain there longer than the setting says."""
    days = float(str(host.settings.get("deleted_pictures_days")))
    for place in _places(host) if days else ():
        if now_s - (place / NOTE).stat().st_mtime > days * DAY_S:
            shutil.rmtree(place, ignore_errors=True)


def sweep_now(host: Host) -> None:
    """The same at this moment."""
    sweep(host, time.time())


def _places(host: Host) -> Iterator[Path]:
    folder = trash_folder(host)
    if folder.is_dir():
        yield from (place for place in folder.iterdir() if _ID.fullmatch(place.name) and (place / NOTE).is_file())


def _origin(place: Path) -> Origin | None:
    try:
        return Origin.model_validate_json((place / NOTE).read_bytes())
    except (OSError, ValidationError):
        return None


def _move(moves: list[tuple[Path, Path]]) -> None:
    """Move all files or none; raises OSError."""
    done: list[tuple[Path, Path]] = []
    try:
        for source, target in moves:
            shutil.move(source, target)
            done.append((source, target))
    except OSError:
        for source, target in done:
            shutil.move(target, source)
        raise
