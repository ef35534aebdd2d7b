"""Finds the files of tags."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from extensions.tag_autocomplete.settings import AUTOMATIC, EVERY, NOTHING

if TYPE_CHECKING:
    from app.api import Host

NAME = "tags"
"""Of the folder, in the data folder and in those of extensions."""
SUFFIX = ".csv"
PREFERRED = "danbooru.csv"


@dataclass(frozen=True)
class TagFile:
    """A file by the name that the setting has; ``version`` is another one whenever the file is."""

    name: str
    path: Path
    version: str


def tag_files(host: Host) -> list[TagFile]:
    """All files: the user's, then those of extensions in use; of equal names the first one counts."""
    found: dict[str, TagFile] = {}
    for file in _all(host):
        found.setdefault(file.name, file)
    return list(found.values())


def chosen_files(files: Sequence[TagFile], chosen: str) -> list[TagFile]:
    """The files that the setting means; a name may lack its suffix. A file that is not there (any more) is none."""
    if chosen == NOTHING or not files:
        return []
    if chosen == EVERY:
        return list(files)
    if chosen in ("", AUTOMATIC):
        return [next((file for file in files if file.name == PREFERRED), files[0])]
    return [file for file in files if file.name in (chosen, chosen + SUFFIX)][:1]


def _all(host: Host) -> Iterator[TagFile]:
    yield from _in_folder(host.paths.data / NAME, is_trusted=True)
    for folder in host.extensions.parts(NAME):
        yield from _in_folder(folder, is_trusted=False)


def _in_folder(folder: Path, *, is_trusted: bool) -> Iterator[TagFile]:
    """The files right in the folder; links out of an extension's own are left out."""
    if not folder.is_dir():
        return
    real = os.path.realpath(folder)
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.suffix.lower() != SUFFIX or not path.is_file():
            continue
        if is_trusted or Path(os.path.realpath(path)).is_relative_to(real):
            facts = path.stat()
            yield TagFile(path.name, path, f"{facts.st_mtime_ns:x}-{facts.st_size:x}")
