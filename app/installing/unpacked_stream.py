"""Reads compressed files no further than a limit: a few bytes can stand for more than any disk holds."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from app.errors import UserError

MB = 1024 * 1024
FIELD = "archive"
ROOM_FOR_HEADERS = 64 * MB
LARGEST_READ = 16 * MB
"""What is asked for at once is a block of a file, or what a header says of itself."""


@contextmanager
def plain_stream(path: Path, limit: int) -> Iterator[IO[bytes]]:
    """The content of a file, unpacked if it is compressed; reading further than ``limit`` and some headers raises UserError."""
    with path.open("rb") as file:
        beginning = file.read(6)
        file.seek(0)
        with _unpacking(file, beginning) as plain, _Limited(plain, limit) as limited:
            yield limited


def _unpacking(file: IO[bytes], beginning: bytes) -> IO[bytes] | gzip.GzipFile:
    if beginning.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=file)
    if beginning.startswith(b"BZh"):
        return bz2.BZ2File(file)
    if beginning.startswith(b"\xfd7zXZ\0"):
        return lzma.LZMAFile(file)
    return file


class _Limited(io.BytesIO):
    """Passes on what is read."""

    def __init__(self, plain: IO[bytes] | gzip.GzipFile, limit: int) -> None:
        super().__init__()
        self._plain = plain
        self._limit = limit

    def read(self, size: int | None = -1, /) -> bytes:
        """At most so many bytes."""
        wanted = LARGEST_READ + 1 if size is None or size < 0 else size
        if wanted > LARGEST_READ or self._plain.tell() + wanted > self._limit + ROOM_FOR_HEADERS:
            raise self._refusal()
        return self._plain.read(wanted)

    def seek(self, position: int, whence: int = 0, /) -> int:
        """Go on elsewhere; only from the beginning."""
        if whence or position > self._limit + ROOM_FOR_HEADERS:
            raise self._refusal()
        return self._plain.seek(position)

    def tell(self) -> int:
        """Where it is."""
        return self._plain.tell()

    def _refusal(self) -> UserError:
        return UserError(f"The archive holds more than {self._limit // MB} MB, or what is no file.", field=FIELD)
