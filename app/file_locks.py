"""Locks between processes, each a small file; the system frees them when the process that holds one ends, however it ends."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

LOCKED_BYTE = 1 << 30
"""Far behind the text: on Windows a locked byte cannot be read by others."""
LOOK_EVERY_S = 0.05
Note = Mapping[str, str | int | None]


class TakenError(Exception):
    """Somebody else holds the lock; ``note``: what they have written about themselves."""

    def __init__(self, note: Note) -> None:
        super().__init__("the lock is taken")
        self.note = note


class FileLock:
    """Holds ``path`` locked from ``acquire`` until ``release`` or the end of the process; its text says who holds it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def acquire(self, note: Note) -> None:
        """Take the lock and leave ``note`` in it; raises TakenError, and OSError where no file can be kept."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _lock(descriptor)
        except OSError as error:
            known = _note(descriptor)
            os.close(descriptor)
            raise TakenError(known) from error
        self._descriptor = descriptor
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, json.dumps(dict(note)).encode())

    def release(self) -> None:
        """Give the lock back; the file stays, empty."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None


@contextmanager
def holding(path: Path, note: Note, wait_s: float) -> Iterator[None]:
    """Hold a lock; raises TakenError when somebody else has it for longer than ``wait_s``, and OSError."""
    lock, end = FileLock(path), time.monotonic() + wait_s
    while True:
        try:
            lock.acquire(note)
            break
        except TakenError:
            if time.monotonic() >= end:
                raise
        time.sleep(LOOK_EVERY_S)
    try:
        yield
    finally:
        lock.release()


def left_note(path: Path) -> Note | None:
    """What somebody has left who ended without giving the lock back; None while it is held. Raises OSError."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        _lock(descriptor)
    except OSError:
        return None
    else:
        return _note(descriptor)
    finally:
        os.close(descriptor)


def _note(descriptor: int) -> Note:
    try:
        os.lseek(descriptor, 0, os.SEEK_SET)
        known = json.loads(os.read(descriptor, 1000))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        os.lseek(descriptor, LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        os.lseek(descriptor, 0, os.SEEK_SET)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
