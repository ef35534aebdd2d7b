"""What ends an exchange from outside: the wish of whoever asked, or the time for all of it."""

from __future__ import annotations

import socket
import threading
import time
from types import TracebackType
from typing import Protocol


class Watch(Protocol):
    """Is asked at every step; the connection that is guarded is broken when it should stop, so that nobody waits for it."""

    def check(self) -> None:
        """Raise what ends the exchange, when it should end."""

    def guard(self, opened: socket.socket | None) -> None:
        """This connection is waited for from now on; None: no one is."""


class Deadline:
    """Context manager: a watch that ends an exchange after ``limit_s`` seconds, its answer's body included, with TimeoutError."""

    def __init__(self, limit_s: float) -> None:
        self._end = time.monotonic() + limit_s
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(limit_s, self._break)
        self._timer.daemon = True

    def __enter__(self) -> Deadline:
        """Begin to count."""
        self._timer.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Count no more."""
        self._timer.cancel()

    def check(self) -> None:
        """Raise TimeoutError when the time is over."""
        if time.monotonic() >= self._end:
            raise TimeoutError("the server did not answer in time")

    def guard(self, opened: socket.socket | None) -> None:
        """Break this connection at the end of the time."""
        with self._lock:
            self._socket = opened
        if opened is not None:
            self.check()

    def _break(self) -> None:
        with self._lock:
            break_connection(self._socket)


def break_connection(opened: socket.socket | None) -> None:
    """Whoever reads from it hears of an end."""
    if opened is not None:
        try:
            opened.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it is broken already
