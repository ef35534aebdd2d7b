"""Unpacks an extension from a zip or tar archive: nothing outside of its folder, no links, no more than fits."""

from __future__ import annotations

import lzma
import re
import shutil
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from app.errors import UserError
from app.installing.addresses import check_folder_name, is_reserved
from app.installing.unpacked_stream import plain_stream

MB = 1024 * 1024
FIELD = "archive"
LONGEST_PART = 255
BROKEN = (EOFError, NotImplementedError, RuntimeError, ValueError)
"""What the readers of archives raise beside errors of their own."""
_GIT = re.compile(r"\.git|git~\d+")
"""The second one is what Windows calls a folder .git in old programs."""


@dataclass(frozen=True)
class Limits:
    """What an archive may hold."""

    files: int = 20_000
    bytes: int = 512 * MB
    name: int = 300


@dataclass(frozen=True)
class _Entry:
    path: PurePosixPath
    size: int
    open: Callable[[], IO[bytes]]


def unpack(archive: Path, target: Path, limits: Limits | None = None) -> str:
    """Unpack into ``target``, which must not exist; returns the name of the one folder that held everything, or "".

    Raises UserError that names the entry at fault; then ``target`` does not exist.
    """
    limits = limits or Limits()
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as opened:
                return _write(list(_zip_entries(opened, limits)), target, limits)
        with plain_stream(archive, limits.bytes) as stream, tarfile.open(fileobj=stream, mode="r:") as packed:
            return _write(list(_tar_entries(packed, limits)), target, limits)
    except tarfile.ReadError as error:
        shutil.rmtree(target, ignore_errors=True)
        raise UserError(f"This is neither a zip nor a tar archive, or it is damaged ({error}).", field=FIELD) from error
    except (zipfile.BadZipFile, tarfile.TarError, lzma.LZMAError, zlib.error, OSError, *BROKEN) as error:
        shutil.rmtree(target, ignore_errors=True)
        raise UserError(f"The archive cannot be read: {error}.", field=FIELD) from error
    except UserError:
        shutil.rmtree(target, ignore_errors=True)
        raise


def _zip_entries(archive: zipfile.ZipFile, limits: Limits) -> Iterator[_Entry]:
    for number, info in enumerate(archive.infolist()):
        _count(number, limits)
        kind = info.external_attr >> 28
        if kind not in (0, 0o4, 0o10):
            raise _refusal(info.filename, "is a link or a device")
        if not info.is_dir():
            yield _Entry(_checked(info.orig_filename, limits), info.file_size, partial(archive.open, info))


def _tar_entries(archive: tarfile.TarFile, limits: Limits) -> Iterator[_Entry]:
    for number, info in enumerate(archive):
        _count(number, limits)
        if not (info.isreg() or info.isdir()):
            raise _refusal(info.name, "is a link or a device")
        if info.isreg():
            yield _Entry(_checked(info.name, limits), info.size, partial(_tar_file, archive, info))


def _tar_file(archive: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    stream = archive.extractfile(info)
    if stream is None:
        raise _refusal(info.name, "is no file")
    return stream


def _count(number: int, limits: Limits) -> None:
    if number >= limits.files:
        raise UserError(f"The archive holds more than {limits.files} entries.", field=FIELD)


def _checked(name: str, limits: Limits) -> PurePosixPath:
    """The path of an entry; raises UserError for every spelling that may lead elsewhere."""
    path = PurePosixPath(name)
    if len(name) > limits.name or "\\" in name or ":" in name or any(ord(letter) < 32 or letter == "\x7f" for letter in name):
        raise _refusal(name, "has a name that is not allowed")
    if name.startswith("/") or ".." in path.parts or not path.parts:
        raise _refusal(name, "leads out of the folder")
    if any(unicodedata.category(letter) == "Cf" for letter in name):
        raise _refusal(name, "has a name with letters that are not seen")
    if any(_GIT.fullmatch(part.rstrip(". ").lower()) for part in path.parts):
        raise _refusal(name, "belongs to a git repository, which can name programs to run")
    if any(part != part.rstrip(". ") or is_reserved(part) or len(part.encode()) > LONGEST_PART for part in path.parts):
        raise _refusal(name, "has a name that some systems cannot keep")
    return path


def _write(entries: list[_Entry], target: Path, limits: Limits) -> str:
    if not entries:
        raise UserError("The archive holds no files.", field=FIELD)
    if sum(entry.size for entry in entries) > limits.bytes:
        raise UserError(f"The archive holds more than {limits.bytes // MB} MB.", field=FIELD)
    spellings: set[str] = set()
    top = _common_folder(entries)
    left = limits.bytes
    for entry in entries:
        path = PurePosixPath(*entry.path.parts[1:]) if top else entry.path
        spelling = unicodedata.normalize("NFC", str(path)).casefold()
        if spelling in spellings:
            raise _refusal(str(path), "is there twice")
        spellings.add(spelling)
        left = _copy(entry, target / path, left)
    return top


def _common_folder(entries: list[_Entry]) -> str:
    tops = {entry.path.parts[0] if len(entry.path.parts) > 1 else "" for entry in entries}
    return tops.pop() if len(tops) == 1 else ""


def _copy(entry: _Entry, target: Path, left: int) -> int:
    """Write one file, by what it really holds; returns how much may still come."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with entry.open() as source, target.open("xb") as written:
            while block := source.read(MB):
                left -= len(block)
                if left < 0:
                    raise _refusal(str(entry.path), "is larger than it says")
                written.write(block)
    except (FileExistsError, NotADirectoryError):
        raise _refusal(str(entry.path), "is a file and a folder at once") from None
    return left


def _refusal(name: str, why: str) -> UserError:
    shown = name.encode("unicode_escape").decode("ascii")[:100]
    return UserError(f"The archive is refused: {shown} {why}.", field=FIELD)


def name_of_archive(file_name: str, top: str) -> str:
    """The folder's name that an archive suggests: its one folder's, without what sites add to it, else the file's."""
    name = top or PurePosixPath(file_name.replace("\\", "/")).name
    for ending in (".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz", ".tbz2", ".txz", "-main", "-master"):
        name = name.removesuffix(ending)
    return check_folder_name(name)
