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
    """``folder`` for files named by their seeds, ``file`` for one of that name; neither for standard output."""

    folder: Path | None = None
    file: Path | None = None


def check_output(text: str, start: Path) -> Output:
    """The place meant by ``-o``; relative ones begin at ``start``. Raises UserError before anything is drawn."""
    if text == STDOUT:
        return Output()
    path = start / Path(text).expanduser()
    if not text or text.endswith(("/", "\\")) or path.is_dir():
        return Output(folder=path)
    if path.suffix.lower() not in FORMATS:
        raise UserError(f"-o {text}: the format {path.suffix or '(none)'} is not known.", hint=f"Known are {', '.join(FORMATS)}.")
    if not path.parent.is_dir():
        raise UserError(f"-o {text}: the folder {path.parent} does not exist.")
    return Output(file=path)


def format_of(text: str) -> str:
    """The format that the name of the output asks for, as the setting says it."""
    return FORMATS.get(Path(text).suffix.lower(), "png")


def write_pictures(pictures: Sequence[DrawnPicture], output: Output) -> list[Path]:
    """Write them and return the files; raises UserError that names a file that cannot be written."""
    if output.file is None and output.folder is None:
        for picture in pictures:
            sys.stdout.buffer.write(picture.data)
        return []
    files = [_name(output, number, picture, len(pictures)) for number, picture in enumerate(pictures, start=1)]
    for file, picture in zip(files, pictures, strict=True):
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(picture.data)
        except OSError as error:
            raise UserError(f"{file} cannot be written: {error.strerror}.") from error
    return files


def _name(output: Output, number: int, picture: DrawnPicture, count: int) -> Path:
    if output.folder is not None:
        return output.folder / f"{picture.seed}.png"
    file = output.file or Path()
    return file if count == 1 else file.with_name(f"{file.stem}-{number}{file.suffix}")
