"""Writing pictures under numbered names: complete or not at all, and never over somebody else's file."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

NUMBER_DIGITS = 5
NUMBER_DIGITS_WITH_BASE = 4
TRIES = 500
LONGEST_NAME_BYTES = 255
NUMBER_BYTES = 12
"""Room for a number or a suffix that makes a name unique."""


def write_numbered(folder: Path, base: str, rest: str, suffix: str, data: bytes) -> Path:
    """Write ``<base->NUMBER<-rest>.suffix`` with the number after the highest one in the folder; raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    number = next_number(folder, base)
    digits = NUMBER_DIGITS_WITH_BASE if base else NUMBER_DIGITS
    for tried in range(TRIES):
        name = "-".join(part for part in (base, f"{number + tried:0{digits}}", rest) if part)
        path = folder / f"{clipped(name, suffix)}.{suffix}"
        if write_new(path, data):
            return path
    raise FileExistsError(f"{TRIES} names after number {number} are taken in {folder}")


def write_named(folder: Path, name: str, suffix: str, data: bytes, *, replace: bool) -> Path:
    """Write ``name.suffix``; where it exists, replace it or append a number to the name; raises OSError."""
    path = folder / f"{clipped(name, suffix)}.{suffix}"
    path.parent.mkdir(parents=True, exist_ok=True)
    if replace:
        write_over(path, data)
        return path
    for tried in range(TRIES):
        numbered = path.with_name(f"{path.stem}-{tried}.{suffix}") if tried else path
        if write_new(numbered, data):
            return numbered
    raise FileExistsError(f"{TRIES} names like {path.name} are taken in {folder}")


def next_number(folder: Path, base: str) -> int:
    """One more than the highest number that file names of this base begin with; 0 in an empty folder."""
    prefix = f"{base}-" if base else ""
    highest = -1
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(prefix):
                digits = os.path.splitext(entry.name[len(prefix) :])[0].split("-")[0]
                if digits.isdecimal():
                    highest = max(highest, int(digits))
    return highest + 1


def write_new(path: Path, data: bytes) -> bool:
    """Write the file unless there is one of that name; readers never see half of it."""
    if path.exists():
        return False
    temporary = _write_temporary(path, data)
    try:
        _claim(temporary, path)
    except FileExistsError:
        return False
    finally:
        temporary.unlink(missing_ok=True)
    return True


def write_over(path: Path, data: bytes) -> None:
    """Write the file in place of the one of that name."""
    temporary = _write_temporary(path, data)
    try:
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def make_private(folder: Path) -> None:
    """Make a folder that nobody else can read; raises OSError, also where somebody else has made it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.is_symlink() or (sys.platform != "win32" and folder.stat().st_uid != os.getuid()):
        raise PermissionError(f"{folder} belongs to somebody else")


def clipped(name: str, suffix: str) -> str:
    """The name cut so that it fits a file system whose names have at most 255 bytes; folders in it stay."""
    room = LONGEST_NAME_BYTES - NUMBER_BYTES - len(suffix.encode()) - len(".tmp")
    folders, slash, last = name.rpartition("/")
    return folders + slash + last.encode()[:room].decode(errors="ignore").rstrip(" .")


def _write_temporary(path: Path, data: bytes) -> Path:
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(data)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _claim(temporary: Path, path: Path) -> None:
    """Give the finished file its name if the name is free; raises FileExistsError."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        try:
            temporary.replace(path)
        except OSError:
            path.unlink(missing_ok=True)
            raise
