"""Hashes of model files: sha256, and AutoV3 (sha256 of everything after a safetensors header)."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable
from pathlib import Path

from app.weights.headers import MAX_HEADER_BYTES, container_of

BLOCK_BYTES = 4 * 1024 * 1024
LENGTH_BYTES = 8
OWN_HASHES = ("modelspec.hash_sha256", "sshs_model_hash", "sshs_legacy_hash")
"""Keys of a file's metadata with sums of its own weights, which a file with other weights must not take over."""


class _Stopped(Exception):
    """Nobody wants the hashes any more."""


def hash_file(path: Path, go_on: Callable[[], bool] = lambda: True) -> tuple[str, str | None] | None:
    """(sha256, AutoV3) in one pass; AutoV3 is None for files that are not safetensors; None when ``go_on`` said no.

    Raises OSError when the file cannot be read.
    """

    def check() -> None:
        if not go_on():
            raise _Stopped

    hashes = RunningHashes(container_of(path) == "safetensors")
    try:
        hashes.catch_up(path, None, check)
    except _Stopped:
        return None
    return hashes.result()


class RunningHashes:
    """Hashes of the first ``position`` bytes of a file that is read, or arrives, in pieces."""

    def __init__(self, is_safetensors: bool) -> None:
        self.position = 0
        self._whole = hashlib.sha256()
        self._body = hashlib.sha256() if is_safetensors else None
        self._start = b""
        self._body_at = 0

    def update(self, block: bytes | memoryview) -> None:
        """Take in what comes next."""
        self._whole.update(block)
        begin, self.position = self.position, self.position + len(block)
        if self._body is None:
            return
        if len(self._start) < LENGTH_BYTES:
            self._start += bytes(block[: LENGTH_BYTES - len(self._start)])
            if len(self._start) < LENGTH_BYTES:
                return
            (length,) = struct.unpack("<Q", self._start)
            if length > MAX_HEADER_BYTES:
                self._body = None
                return
            self._body_at = LENGTH_BYTES + length
        self._body.update(block[max(0, self._body_at - begin) :])

    def catch_up(self, path: Path, until: int | None, check: Callable[[], None] = lambda: None) -> None:
        """Take in what the file has before ``until``, None: all of it; ``check`` is called between blocks, and may raise."""
        with path.open("rb") as file:
            file.seek(self.position)
            while block := file.read(BLOCK_BYTES if until is None else max(0, min(BLOCK_BYTES, until - self.position))):
                check()
                self.update(block)

    def result(self) -> tuple[str, str | None]:
        """(sha256, AutoV3); AutoV3 is None for what is no safetensors file."""
        has_length = len(self._start) == LENGTH_BYTES
        return self._whole.hexdigest(), self._body.hexdigest() if self._body is not None and has_length else None
