"""Hashes of model files: sha256, and AutoV3 (sha256 of everything after a safetensors header)."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable
from pathlib import Path

from app.weights.headers import MAX_HEADER_BYTES, container_of

BLOCK_BYTES = 4 * 1024 * 1024


def hash_file(path: Path, go_on: Callable[[], bool] = lambda: True) -> tuple[str, str | None] | None:
    """(sha256, AutoV3) in one pass; AutoV3 is None for files that are not safetensors; None when ``go_on`` said no.

    Raises OSError when the file cannot be read.
    """
    whole = hashlib.sha256()
    body: hashlib._Hash | None = None
    skip = 0
    with path.open("rb") as file:
        prefix = file.read(8)
        whole.update(prefix)
        if container_of(path) == "safetensors" and len(prefix) == 8:
            (skip,) = struct.unpack("<Q", prefix)
            body = hashlib.sha256() if skip <= MAX_HEADER_BYTES else None
        if body is not None:
            whole.update(file.read(skip))
        while block := file.read(BLOCK_BYTES):
            if not go_on():
                return None
            whole.update(block)
            if body is not None:
                body.update(block)
    return whole.hexdigest(), body.hexdigest() if body is not None else None
