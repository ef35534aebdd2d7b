"""How much longer work takes on larger inputs, so that a test can tell linear from quadratic on any machine."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

SMALL, LARGE = 6_250, 50_000
"""Sizes of the inputs that are compared, in characters."""
MOST_GROWTH = 24.0
"""Eight times the input may take so many times the work: linear is 8, quadratic 64."""
REPEATS = 3


def growth(work: Callable[[str], object], unit: str) -> float:
    """The large input's processor time over the small one's, for texts of repeated ``unit``; the best of a few tries of each.

    The garbage collector rests meanwhile: its time depends on everything that the process holds.
    """
    small, large = (unit * (size // len(unit)) for size in (SMALL, LARGE))
    work(small)
    enabled = gc.isenabled()
    gc.disable()
    try:
        return _processor_seconds(work, large) / max(_processor_seconds(work, small), 1e-4)
    finally:
        if enabled:
            gc.enable()


def _processor_seconds(work: Callable[[str], object], text: str) -> float:
    best = float("inf")
    for _ in range(REPEATS):
        started = time.process_time()
        work(text)
        best = min(best, time.process_time() - started)
    return best
