"""Notes on what is being imported: by them an extension that ended the whole program is known at the next start."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from app.errors import UserError
from app.file_locks import FileLock, TakenError, left_note

logger = logging.getLogger(__name__)


class ImportNotes:
    """One small file per import, locked while it goes on; the file of an import that never came to an end stays.

    ``state``: what the extension's files were like; an extension whose files have changed since gets another try.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def check(self, extension_id: str, state: str) -> None:
        """Raise UserError for an extension with which the program ended, unless it has been changed or switched on since."""
        for file, name, noted in self._left():
            if name == extension_id and noted == state:
                raise UserError(
                    "The program ended while it was loaded.", hint="To try it again, update it, or disable it and then enable it again."
                )
            if name == extension_id:
                _remove(file)

    def forget(self, extension_id: str) -> None:
        """Give an extension another try."""
        for file, name, _ in self._left():
            if name == extension_id:
                _remove(file)

    @contextmanager
    def importing(self, extension_id: str, state: str) -> Iterator[None]:
        """Keep a note as long as this lasts; only an end of the whole process leaves it behind."""
        lock = FileLock(self._folder / f"{os.getpid()}-{time.time_ns()}.json")
        try:
            lock.acquire({"extension": extension_id, "state": state})
        except (OSError, TakenError) as error:
            logger.warning("That %s is being loaded cannot be noted: %s", extension_id, error)
            yield
            return
        try:
            with _undone_when_terminated(lock.path):
                yield
        finally:
            lock.release()
            _remove(lock.path)

    def _left(self) -> Iterator[tuple[Path, str, str]]:
        """Files of imports that never ended, with the extension and its state then."""
        for file in sorted(self._folder.glob("*.json")):
            try:
                note = left_note(file)
            except OSError:
                continue
            if note is not None:
                yield file, str(note.get("extension", "")), str(note.get("state", ""))


@contextmanager
def _undone_when_terminated(file: Path) -> Iterator[None]:
    """Whoever asks the process to end (SIGTERM) means no harm to the extension that is just being loaded."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return

    def end(number: int, frame: FrameType | None) -> None:
        _remove(file)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.raise_signal(signal.SIGTERM)

    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGTERM) is end:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _remove(file: Path) -> None:
    with suppress(OSError):
        file.unlink()
