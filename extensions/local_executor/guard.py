"""Notices a worker that dies again and again without having worked."""

from __future__ import annotations

from collections import deque

MOST_DEATHS = 3
WITHIN_S = 60.0


class CrashGuard:
    """Counts deaths of workers that had no job; times are seconds of a monotonic clock."""

    def __init__(self, most_deaths: int = MOST_DEATHS, within_s: float = WITHIN_S) -> None:
        self._within_s = within_s
        self._deaths: deque[float] = deque(maxlen=most_deaths)

    def died(self, now: float) -> bool:
        """Note a death; True when it is no use to start another one."""
        self._deaths.append(now)
        return len(self._deaths) == self._deaths.maxlen and now - self._deaths[0] <= self._within_s

    def reset(self) -> None:
        """Forget the deaths: the worker has worked."""
        self._deaths.clear()
