"""Lets a job hear within a moment that it should stop, also while it waits for a server that is silent."""

from __future__ import annotations

import socket
import threading
from types import TracebackType

from app.api import JobControl, JobStopped

LOOK_EVERY_S = 0.2


class Watch:
    """Context manager: asks the job's control from a thread of its own, and breaks the connection that is guarded when it should stop."""

    def __init__(self, control: JobControl) -> None:
        self._control = control
        self._stop: JobStopped | None = None
        self._heard = threading.Event()
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._thread = threading.Thread(target=self._look, name="download-wishes", daemon=True)

    def __enter__(self) -> Watch:
        """Begin to listen."""
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Listen no more."""
        self._over.set()
        self._thread.join()

    def check(self) -> None:
        """Raise JobStopped when somebody asked for it."""
        if self._stop is not None:
            raise self._stop

    def wait(self, seconds: float) -> None:
        """Pause, unless somebody asks to stop; raises JobStopped."""
        self._heard.wait(seconds)
        self.check()

    def guard(self, opened: socket.socket | None) -> None:
        """This connection is waited for from now on; None: no one is."""
        with self._lock:
            self._socket = opened
        self.check()

    def _look(self) -> None:
        while not self._over.wait(LOOK_EVERY_S):
            try:
                self._control.check()
            except JobStopped as stop:
                self._stop = stop
                self._heard.set()
                self._break()
                return

    def _break(self) -> None:
        with self._lock:
            if self._socket is not None:
                try:
                    self._socket.shutdown(socket.SHUT_RDWR)
                except OSError:
                    return  # it is broken already
