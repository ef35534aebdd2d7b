"""Where the pictures of the command line go: one file, numbered files, a folder, or standard output."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.errors import UserError

FORMATS = {".png": "png", ".jpg": "jpg", ".jpeg": "jpg", ".webp": "webp", ".avif": "avif"}
STDOUT = "-"


@dataclass(frozen=True)
class DrawnPicture:
    """A picture as a file's bytes."""

    data: bytes
    seed: int


@dataclass(frozen=True)
class Output:
    """``folder`` for files named by their seeds, ``file`` for one of that name; neither for standard output.

    Without ``overwrite`` a file that is there stays.
    """

    folder: Path | None = None
    file: Path | None = None
    overwrite: bool = False


def check_output(text: str, start: Path, count: int = 1, *, overwrite: bool = False) -> Output:
    """The place meant by ``-o`` for ``count`` pictures; relative ones begin at ``start``. Raises UserError before anything is drawn."""
    if text == STDOUT:
        return Output()
    path = start / Path(text).expanduser()
    if not text or text.endswith(("/", "\\")) or path.is_dir():
        return Output(folder=path, overwrite=overwrite)
    if path.suffix.lower() not in FORMATS:
        raise UserError(f"-o {text}: the format {path.suffix or '(none)'} is not known.", hint=f"Known are {', '.join(FORMATS)}.")
    if not path.parent.is_dir():
        raise UserError(f"-o {text}: the folder {path.parent} does not exist.")
    taken = next((file for file in _numbered(path, count) if file.exists()), None)
    if taken is not None and not overwrite:
        raise UserError(f"-o {text}: {taken} is there already.", hint="Give another name, or --overwrite to replace it.")
    return Output(file=path, overwrite=overwrite)


def format_of(text: str) -> str:
    """The format that the name of the output asks for, as the setting says it."""
    return FORMATS.get(Path(text).suffix.lower(), "png")


def write_pictures(pictures: Sequence[DrawnPicture], output: Output) -> list[Path]:
    """Write them and return the files; raises UserError that names a file that cannot be written."""
    if output.file is None and output.folder is None:
        for picture in pictures:
            sys.stdout.buffer.write(picture.data)
        return []
    if output.folder is not None:
        wanted = [output.folder / f"{picture.seed}.png" for picture in pictures]
    else:
        wanted = _numbered(output.file or Path(), len(pictures))
    return [_write(picture.data, file, overwrite=output.overwrite) for file, picture in zip(wanted, pictures, strict=True)]


def _numbered(file: Path, count: int) -> list[Path]:
    return [file] if count == 1 else [file.with_name(f"{file.stem}-{number}{file.suffix}") for number in range(1, count + 1)]


def _write(data: bytes, wanted: Path, *, overwrite: bool) -> Path:
    """Write under the wanted name or, where that is taken and must stay, under the first free one like ``cat (2).png``."""
    file, number = wanted, 1
    try:
        wanted.parent.mkdir(parents=True, exist_ok=True)
        while True:
            try:
                with file.open("wb" if overwrite else "xb") as opened:
                    opened.write(data)
                return file
            except FileExistsError:
                number += 1
                file = wanted.with_name(f"{wanted.stem} ({number}){wanted.suffix}")
    except OSError as error:
        raise UserError(f"{file} cannot be written: {error.strerror}.") from error
