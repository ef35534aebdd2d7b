"""Keeps training state on disk: atomic checkpoints, and progress measured in seconds of training time."""

from __future__ import annotations

import math
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

ALLOCATOR_ENVIRONMENT = {
    "MALLOC_MMAP_THRESHOLD_": "4294967296",
    "MALLOC_TRIM_THRESHOLD_": "8589934592",
    "MALLOC_TOP_PAD_": "268435456",
}
SAVE_EVERY_S = 90.0


@dataclass
class Clock:
    """Seconds of training done out of a budget; time between runs does not count."""

    budget_s: float
    done_s: float = 0.0
    _started: float = field(default_factory=time.monotonic)

    def elapsed_s(self) -> float:
        """Training seconds so far, earlier runs included."""
        return self.done_s + time.monotonic() - self._started

    def share(self) -> float:
        """How much of the budget is used, 0..1."""
        return min(1.0, self.elapsed_s() / self.budget_s)


def learning_rate(peak: float, share: float, step: int, warmup_steps: int) -> float:
    """Linear warm-up over the first steps, then a cosine to (nearly) zero at share 1."""
    warm = min(1.0, (step + 1) / warmup_steps)
    return peak * warm * (0.005 + 0.995 * 0.5 * (1 + math.cos(math.pi * share)))


def save_atomically(state: dict[str, Any], path: Path) -> None:
    """Writes `state` beside `path` and renames it into place."""
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    os.replace(partial, path)


def load_if_there(path: Path) -> dict[str, Any] | None:
    """The saved state, or None before the first save."""
    return torch.load(path, map_location="cpu", weights_only=True) if path.exists() else None
