"""Lets only one Paintbox use a data folder at a time; the system frees the lock when the process ends, however it ends."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from app.errors import UserError

LOCKED_BYTE = 1 << 30
"""Far behind the text: on Windows a locked byte cannot be read by others."""


class FolderLock:
    """Holds ``path`` locked from ``acquire`` until ``release`` or the end of the process; its text says who holds it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def acquire(self, port: int | None = None, address: str = "") -> None:
        """Take the lock; raises UserError that names the other process when it is taken."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise UserError(
                f"The data folder {self.path.parent} cannot be used: {error.strerror}.", hint="Check its permissions."
            ) from error
        try:
            _lock(descriptor)
        except OSError as error:
            holder = _holder(descriptor)
            os.close(descriptor)
            raise UserError(
                f"Another Paintbox{holder} already uses the data folder {self.path.parent}.",
                hint="Use its page, end it, or start this one with another --data-dir.",
            ) from error
        self._descriptor = descriptor
        text = json.dumps({"pid": os.getpid(), "port": port, "address": address}).encode()
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, text)

    def release(self) -> None:
        """Give the lock back; the file stays, empty."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None


def address_of_holder(path: Path) -> str:
    """The page's address of whoever uses, or used until a crash, the data folder with this lock; "" when nobody does."""
    try:
        address = json.loads(path.read_text(encoding="utf-8"))["address"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return address if isinstance(address, str) else ""


def _holder(descriptor: int) -> str:
    """A few words about the process that wrote the file."""
    try:
        os.lseek(descriptor, 0, os.SEEK_SET)
        known = json.loads(os.read(descriptor, 1000))
        port = f", port {known['port']}" if known["port"] else ""
        return f" (process {known['pid']}{port})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""


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
