"""Lets only one change of a data folder's extensions run at a time, whichever process makes it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.errors import UserError
from app.file_locks import Note, TakenError, holding

WAIT_S = 3.0
"""For another process's change to end, before it is said who is at it."""


class OneChange:
    """``path``: the lock's file; ``user``: who changes something, as others are told."""

    def __init__(self, path: Path, user: str) -> None:
        self._path = path
        self._user = user
        self._lock = threading.Lock()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody else changes anything meanwhile; raises UserError that says who does already."""
        if not self._lock.acquire(blocking=False):
            raise UserError("Another change of the extensions is on its way.", hint="Wait for it.", status=409)
        try:
            with holding(self._path, {"pid": os.getpid(), "user": self._user}, WAIT_S):
                yield
        except TakenError as error:
            raise UserError(
                f"Another change of the extensions is on its way ({_holder(error.note)}).", hint="Wait for it.", status=409
            ) from error
        finally:
            self._lock.release()


def _holder(note: Note) -> str:
    return f"{note.get('user', 'another program')}, process {note.get('pid', 'unknown')}"
