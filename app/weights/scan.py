"""Walk model folders: every file of the wanted suffixes, quickly and without following a loop of links."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class FoundFile:
    """One file below ``root``; ``name`` is its path below the root with "/" separators."""

    path: str
    name: str
    size_bytes: int
    mtime_ns: int

    @property
    def is_unchanged(self) -> bool:
        """True when the file on disk is still this one."""
        try:
            stat = os.stat(self.path)
        except OSError:
            return False
        return (stat.st_size, stat.st_mtime_ns) == (self.size_bytes, self.mtime_ns)


def scan_folder(root: Path, suffixes: tuple[str, ...]) -> Iterator[FoundFile]:
    """Files below ``root`` (links followed, loops and unreadable folders skipped); temporary downloads are left out."""
    seen: set[tuple[int, int]] = set()
    stack = [(str(root), "")]
    while stack:
        folder, prefix = stack.pop()
        try:
            stat = os.stat(folder)
            if (stat.st_dev, stat.st_ino) in seen and stat.st_ino:
                continue
            seen.add((stat.st_dev, stat.st_ino))
            entries = list(os.scandir(folder))
        except FileNotFoundError:
            continue
        except OSError as error:
            logger.warning("Model folder %s cannot be listed: %s", folder, error.strerror or error)
            continue
        for entry in entries:
            if entry.is_dir():
                stack.append((entry.path, f"{prefix}{entry.name}/"))
            elif entry.name.lower().endswith(suffixes):
                found = _found(entry, prefix)
                if found is not None:
                    yield found


def _found(entry: os.DirEntry[str], prefix: str) -> FoundFile | None:
    try:
        stat = entry.stat()
    except OSError:
        return None  # a dangling link, or deleted since the listing
    return FoundFile(entry.path, prefix + entry.name, stat.st_size, stat.st_mtime_ns)
