"""Passes the wishes of users to the running job, which asks for them at its check points."""

from __future__ import annotations

import threading

from app.contracts import ControlAction
from app.errors import JobStopped


class Control:
    """One job's wishes; implements ``JobControl``. ``request`` is called by the thread that reads commands, ``check`` by the job.

    A cancel is raised at every check from then on. An interrupt and a skip are raised once for each time they were asked for, so
    that the job can finish what it has; asking again stops that too.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancelled = False
        self._interrupted = False
        self._skipped = False
        self._stop_after_batch = False

    def request(self, action: ControlAction) -> None:
        """Note a wish."""
        with self._lock:
            if action == "cancel":
                self._cancelled = True
            elif action == "interrupt":
                self._interrupted = True
            elif action == "skip":
                self._skipped = True
            else:
                self._stop_after_batch = True

    def check(self) -> None:
        """Raise JobStopped when somebody asked for it."""
        with self._lock:
            if self._cancelled:
                raise JobStopped("cancel")
            if self._interrupted:
                self._interrupted, self._skipped = False, False
                raise JobStopped("interrupt")
            if self._skipped:
                self._skipped = False
                raise JobStopped("skip")

    @property
    def stop_after_batch(self) -> bool:
        """True when the running batch should be the last."""
        return self._stop_after_batch
