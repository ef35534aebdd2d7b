"""Keeps the spool small: pictures that nobody saves stay for a day, as far as there is room, and no longer than their job is known."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.contracts import Jobs
from app.errors import NotFoundError

logger = logging.getLogger(__name__)
LONGEST_AGE_S = 24 * 3600.0
LARGEST_BYTES = 2 * 1024**3
SWEEP_EVERY_S = 600.0


@dataclass(frozen=True)
class _File:
    path: str
    size_bytes: int
    written: float


@contextmanager
def keep_spool_small(spools: Sequence[Path], jobs: Jobs) -> Iterator[None]:
    """Sweep each of them at once and every now and then, in a thread that ends with the context."""
    ended = threading.Event()

    def work() -> None:
        while True:
            for spool in spools:
                sweep(spool, jobs, time.time())
            if ended.wait(SWEEP_EVERY_S):
                return

    thread = threading.Thread(target=work, name="spool", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def sweep(spool: Path, jobs: Jobs, now: float) -> None:
    """Delete what is too old, what belongs to no known job, and the oldest files beyond the room; never a file of a live job."""
    kept: list[_File] = []
    for folder in _entries(spool, lambda entry: entry.is_dir(follow_symlinks=False)):
        is_known, is_live = _standing(folder.name, jobs)
        if is_live:
            continue
        for file in _files(folder.path):
            if not is_known or now - file.written > LONGEST_AGE_S:
                _delete(file)
            else:
                kept.append(file)
    total_bytes = sum(file.size_bytes for file in kept)
    for file in sorted(kept, key=lambda file: file.written):
        if total_bytes <= LARGEST_BYTES:
            break
        _delete(file)
        total_bytes -= file.size_bytes
    for folder in _entries(spool, lambda entry: entry.is_dir(follow_symlinks=False)):
        if not _standing(folder.name, jobs)[1]:
            _remove_if_empty(folder.path)


def _standing(job_id: str, jobs: Jobs) -> tuple[bool, bool]:
    """Whether the job is known, and whether it is live: has not ended."""
    try:
        return True, not jobs.get(job_id).state.ended
    except NotFoundError:
        return False, False


def _entries(folder: str | Path, wanted: Callable[[os.DirEntry[str]], bool]) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return [entry for entry in entries if wanted(entry)]
    except OSError:
        return []


def _files(folder: str) -> Iterator[_File]:
    for entry in _entries(folder, lambda entry: not entry.is_dir(follow_symlinks=False)):
        try:
            stat = entry.stat(follow_symlinks=False)
        except OSError:
            continue
        yield _File(entry.path, stat.st_size, stat.st_mtime)


def _delete(file: _File) -> None:
    try:
        os.unlink(file.path)
    except OSError as error:
        logger.debug("%s cannot be deleted: %s", file.path, error)


def _remove_if_empty(folder: str) -> None:
    try:
        os.rmdir(folder)
    except OSError:
        return
