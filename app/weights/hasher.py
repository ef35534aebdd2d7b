"""Hash model files in the background, one at a time, smallest first; the results land in the index."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from app.errors import ModelFileError
from app.values.model import ModelRecord
from app.weights.hashing import hash_file
from app.weights.index import ModelIndex

logger = logging.getLogger(__name__)


def hash_now(index: ModelIndex, record: ModelRecord) -> ModelRecord:
    """Hash one file in the calling thread, unless this or another process has done so; raises ModelFileError."""
    record = record if record.sha256 is not None else index.with_known_hash(record)
    if record.sha256 is not None:
        return record
    try:
        hashes = hash_file(Path(record.path))
    except OSError as error:
        raise ModelFileError(f"{record.name}: cannot be read ({error.strerror or error}).") from error
    return index.put_hash(record, *hashes) if hashes else record


class BackgroundHasher:
    """Goes over the wanted kinds until every file has its hash, again after each ``wake``."""

    def __init__(self, index: ModelIndex, kinds: Callable[[], list[str]], on_hashed: Callable[[ModelRecord], None]) -> None:
        self._index = index
        self._kinds = kinds
        self._on_hashed = on_hashed
        self._work = threading.Event()
        self._closed = threading.Event()
        self._failed: set[tuple[str, int]] = set()
        self._thread = threading.Thread(target=self._run, name="model-hashes", daemon=True)

    def start(self) -> None:
        """Begin hashing."""
        self._work.set()
        self._thread.start()

    def wake(self) -> None:
        """Look for new files."""
        self._work.set()

    def close(self) -> None:
        """Stop, also in the middle of a file."""
        self._closed.set()
        self._work.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._closed.is_set():
            self._work.wait()
            self._work.clear()
            self._index.take_hashes()
            for kind in self._kinds():
                for record in sorted(self._index.unhashed(kind), key=lambda record: record.size_bytes):
                    if self._closed.is_set():
                        return
                    self._hash(record)

    def _hash(self, record: ModelRecord) -> None:
        attempt = (record.path, record.mtime_ns)
        if attempt in self._failed or self._index.with_known_hash(record).sha256 is not None:
            return
        try:
            hashes = hash_file(Path(record.path), go_on=lambda: not self._closed.is_set())
        except OSError as error:
            self._failed.add(attempt)
            logger.warning("%s cannot be hashed: %s", record.name, error.strerror or error)
            return
        if hashes is not None:
            self._on_hashed(self._index.put_hash(record, *hashes))
