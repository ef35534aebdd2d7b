"""Churn: fresh noise that lifts a step's start to a higher level, algorithm 2 of Karras et al. 2022 (arXiv:2206.00364)."""

from __future__ import annotations

import math

from torch import Tensor

from app.api import SamplingTask

LARGEST_CHURN = math.sqrt(2) - 1


def churned(task: SamplingTask, x: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
    """``x`` (B, C, H, W) and its level after the churn of one step; both as they were without churn."""
    options = task.options
    if options.s_churn <= 0:
        return x, sigma
    # drawn at every step, also outside the limits: the generators advance as they always did
    noise = task.noise.next().to(x.dtype) * options.s_noise
    if not options.s_tmin <= float(sigma) <= options.s_tmax:
        return x, sigma
    raised = sigma * (1 + min(options.s_churn / (len(task.levels) - 1), LARGEST_CHURN))
    return x + noise * (raised**2 - sigma**2) ** 0.5, raised
