"""Step sizes by the error of the step before: a PID controller (Söderlind 2003, "Digital filters in adaptive time-stepping")."""

from __future__ import annotations

import math

FIRST_STEP = 0.05
SMALLEST_FACTOR = 0.81
"""A step whose error would shrink the next one below this share is not taken."""
TINY = 1e-8


class StepSize:
    """The length of a picture's next step, in -log(sigma); an integral controller: only the newest error counts."""

    def __init__(self, order: float) -> None:
        self.length = FIRST_STEP
        self._exponent = 1 / order

    def propose(self, error: float) -> bool:
        """Whether a step with this ``error`` (1 is what is tolerated) counts; sets the length of the next one."""
        factor = (1 / (error + TINY)) ** self._exponent
        limited = 1 + math.atan(factor - 1)
        self.length *= limited
        return limited >= SMALLEST_FACTOR
