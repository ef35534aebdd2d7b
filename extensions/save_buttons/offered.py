"""Files that were saved by a click, under names that nobody can guess, each for its owner alone."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from pathlib import Path

from app.api import NotFoundError, StashKey

MOST_FILES = 1000
"""The oldest are forgotten; the files themselves stay."""


class OfferedFiles:
    """Thread-safe; ``writing`` keeps two clicks from writing into the log at once."""

    def __init__(self) -> None:
        self._files: OrderedDict[str, tuple[str, Path]] = OrderedDict()
        self._lock = threading.Lock()
        self.writing = threading.Lock()

    def offer(self, path: Path, owner: str) -> str:
        """A name by which ``owner`` can fetch the file."""
        name = secrets.token_urlsafe(16)
        with self._lock:
            self._files[name] = (owner, path)
            while len(self._files) > MOST_FILES:
                self._files.popitem(last=False)
        return name

    def find(self, name: str, owner: str) -> Path:
        """The file; raises NotFoundError for what was not offered to this owner, or is gone."""
        with self._lock:
            found = self._files.get(name)
        if found is None or found[0] != owner or not found[1].is_file():
            raise NotFoundError("The file is not there any more.", hint="Save the picture again.")
        return found[1]


OFFERED = StashKey[OfferedFiles]("offered files")
