"""Adds up the time that is spent in a kind of work."""

from __future__ import annotations

import time


class Stopwatch:
    """``with stopwatch:`` around the work; ``seconds`` so far."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._started = 0.0

    def __enter__(self) -> None:
        self._started = time.monotonic()

    def __exit__(self, *error: object) -> None:
        self.seconds += time.monotonic() - self._started
