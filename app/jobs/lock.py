"""Lets only one Paintbox use a data folder at a time; the system frees the lock when the process ends, however it ends."""

from __future__ import annotations

import json
import os
from pathlib import Path

from app.errors import UserError
from app.file_locks import FileLock, Note, TakenError


class FolderLock:
    """Holds ``path`` locked from ``acquire`` until ``release`` or the end of the process; its text says who holds it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = FileLock(path)

    def acquire(self, port: int | None = None, address: str = "") -> None:
        """Take the lock; raises UserError that names the other process when it is taken."""
        try:
            self._lock.acquire({"pid": os.getpid(), "port": port, "address": address})
        except OSError as error:
            raise UserError(
                f"The data folder {self.path.parent} cannot be used: {error.strerror}.", hint="Check its permissions."
            ) from error
        except TakenError as error:
            raise UserError(
                f"Another Paintbox{_holder(error.note)} already uses the data folder {self.path.parent}.",
                hint="Use its page, end it, or start this one with another --data-dir.",
            ) from error

    def release(self) -> None:
        """Give the lock back; the file stays, empty."""
        self._lock.release()


def address_of_holder(path: Path) -> str:
    """The page's address of whoever uses, or used until a crash, the data folder with this lock; "" when nobody does."""
    try:
        address = json.loads(path.read_text(encoding="utf-8"))["address"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return address if isinstance(address, str) else ""


def _holder(note: Note) -> str:
    """A few words about the process that holds it."""
    port = f", port {note['port']}" if note.get("port") else ""
    return f" (process {note['pid']}{port})" if note.get("pid") else ""
