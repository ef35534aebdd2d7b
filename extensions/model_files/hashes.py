"""Hashes of a file that arrives in pieces: sha256, and AutoV3 (sha256 of everything after a safetensors header)."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable
from pathlib import Path

BLOCK_BYTES = 4 * 1024 * 1024
LONGEST_HEADER_BYTES = 64 * 1024 * 1024
LENGTH_BYTES = 8


class RunningHashes:
    """Hashes of the first ``position`` bytes; the same, at the end, as ``hash_file`` gives."""

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
            if length > LONGEST_HEADER_BYTES:
                self._body = None
                return
            self._body_at = LENGTH_BYTES + length
        self._body.update(block[max(0, self._body_at - begin) :])

    def catch_up(self, path: Path, until: int, check: Callable[[], None] = lambda: None) -> None:
        """Take in what the file has before ``until``; ``check`` is called between blocks, and may raise."""
        if self.position >= until:
            return
        with path.open("rb") as file:
            file.seek(self.position)
            while self.position < until and (block := file.read(min(BLOCK_BYTES, until - self.position))):
                check()
                self.update(block)

    def result(self) -> tuple[str, str | None]:
        """(sha256, AutoV3); AutoV3 is None for what is no safetensors file."""
        has_length = len(self._start) == LENGTH_BYTES
        return self._whole.hexdigest(), self._body.hexdigest() if self._body is not None and has_length else None
