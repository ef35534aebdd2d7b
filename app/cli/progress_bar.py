"""A bar on a terminal; where there is none, a line whenever something new is being done."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TextIO

WIDTH = 30
EVERY_S = 0.1


class Bar:
    """A context; the line is left clean at its end."""

    def __init__(self, stream: TextIO, *, is_quiet: bool = False) -> None:
        self._stream = stream
        self._is_quiet = is_quiet
        self._draws = stream.isatty()
        self._said = ""
        self._shown = 0
        self._last = 0.0

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._shown:
            self._stream.write("\r" + " " * self._shown + "\r")
            self._stream.flush()

    def say(self, text: str) -> None:
        """What is being done before there is progress."""
        if text and text != self._said and not self._is_quiet:
            self._said = text
            self._write(text, text)

    def show(self, fraction: float, text: str = "", eta_s: float | None = None) -> None:
        """How far it is, 0..1."""
        now = time.monotonic()
        if self._is_quiet or (fraction < 1.0 and now - self._last < EVERY_S):
            return
        self._last = now
        done = int(WIDTH * min(1.0, max(0.0, fraction)))
        left = f", {eta_s:.0f} s left" if eta_s is not None else ""
        self._write(f"[{'#' * done}{'.' * (WIDTH - done)}] {fraction:4.0%}{left} {text}".rstrip(), "")

    def _write(self, line: str, plain: str) -> None:
        if self._draws:
            self._stream.write("\r" + line.ljust(self._shown))
            self._shown = len(line)
        elif plain:
            self._stream.write(f"{plain}\n")
        self._stream.flush()
