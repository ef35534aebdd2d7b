"""Downloads that have not arrived completely: one folder each, by address, so that the same address goes on where it was."""

from __future__ import annotations

import hashlib
import re
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from app.api import UserError, Value, write_atomically

PART = "file.part"
STATE = ".download.json"
LONGEST_AGE_S = 7 * 24 * 3600.0
_KEY = re.compile(r"[0-9a-f]{32}")


class Told(Value):
    """What a server said of a file; ``validator`` (an ETag or a date) names its state, ``total_bytes`` None: it did not say."""

    name: str = ""
    validator: str = ""
    total_bytes: int | None = None
    sha256: str = ""

    def is_same(self, other: Told) -> bool:
        """False when both speak of different states of the file."""
        differs = bool(self.validator and other.validator and self.validator != other.validator)
        return not differs and self.total_bytes == other.total_bytes


class Parcel:
    """One download's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.part = folder / PART

    @property
    def received_bytes(self) -> int:
        """How much has arrived."""
        try:
            return self.part.stat().st_size
        except OSError:
            return 0

    def recover(self) -> None:
        """A file that was complete, and had been given its name here when the program was killed, is the part again."""
        for path in self.folder.iterdir():
            if path.name not in (PART, STATE) and not path.name.startswith(".") and not self.part.exists():
                path.rename(self.part)

    def told(self) -> Told:
        """What was said; nothing when it cannot be read."""
        try:
            return Told.model_validate_json((self.folder / STATE).read_bytes())
        except (OSError, ValidationError):
            return Told()

    def note(self, told: Told) -> None:
        """Remember what was said."""
        write_atomically(self.folder / STATE, told.model_dump_json().encode())

    def discard(self) -> None:
        """Delete everything of it."""
        shutil.rmtree(self.folder, ignore_errors=True)


class Shelf:
    """All of them; thread-safe."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._taken: set[str] = set()

    @contextmanager
    def take(self, url: str) -> Iterator[Parcel]:
        """The parcel of an address, for one job at a time; raises UserError (409) for another."""
        key = _key(url)
        with self._lock:
            if key in self._taken:
                raise UserError("This address is being downloaded already.", field="url", status=409)
            self._taken.add(key)
        self.sweep()
        try:
            parcel = Parcel(self._folder / key)
            parcel.folder.mkdir(parents=True, exist_ok=True)
            parcel.recover()
            yield parcel
        finally:
            with self._lock:
                if not Parcel(self._folder / key).received_bytes:
                    Parcel(self._folder / key).discard()
                self._taken.discard(key)

    def discard(self, url: str) -> None:
        """Delete what has arrived of an address, unless a job is at it."""
        with self._lock:
            if _key(url) not in self._taken:
                Parcel(self._folder / _key(url)).discard()

    def sweep(self) -> None:
        """Delete what nobody has gone on with for days."""
        with self._lock:
            for folder in self._folder.iterdir() if self._folder.is_dir() else ():
                part = folder / PART
                newest = max(path.stat().st_mtime for path in (folder, part) if path.exists())
                if _KEY.fullmatch(folder.name) and folder.name not in self._taken and time.time() - newest > LONGEST_AGE_S:
                    shutil.rmtree(folder, ignore_errors=True)


def _key(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()[:32]
