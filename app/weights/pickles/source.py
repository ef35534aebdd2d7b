"""Bytes of a pickle, taken in order, never past its end and never more than there are."""

from __future__ import annotations

from typing import BinaryIO

from app.weights.pickles.refusal import Damaged

MAX_LINE_BYTES = 4096
"""Lines are numbers and names; longer texts have instructions that tell their length."""


class Source:
    """Reads ``file`` from where it stands, at most ``left`` bytes."""

    __slots__ = ("_file", "left")

    def __init__(self, file: BinaryIO, left: int) -> None:
        self._file = file
        self.left = left

    def take(self, count: int) -> bytes:
        """The next ``count`` bytes; raises Damaged where there are fewer."""
        if count > self.left or count < 0:
            raise Damaged("ends in the middle of an instruction")
        self.left -= count
        data = self._file.read(count)
        if len(data) != count:
            raise Damaged("ends in the middle of an instruction")
        return data

    def line(self) -> str:
        """The next line as a text."""
        return decode(self.raw_line().removesuffix(b"\r"))

    def raw_line(self) -> bytes:
        """The next line without its end."""
        raw = self._file.readline(min(self.left, MAX_LINE_BYTES))
        self.left -= len(raw)
        if not raw.endswith(b"\n"):
            raise Damaged("has an instruction without an end")
        return raw[:-1]


def decode(raw: bytes) -> str:
    """A text; surrogates pass, as pickles may have them."""
    try:
        return raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise Damaged("has a text that is not UTF-8") from error
