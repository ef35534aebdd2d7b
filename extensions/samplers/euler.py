"""Euler's method with optional churn: algorithm 2 of Karras et al. 2022 (arXiv:2206.00364) without the second-order correction."""

from __future__ import annotations

import math

from torch import Tensor

from app.api import SamplerStep, SamplingTask

LARGEST_CHURN = math.sqrt(2) - 1


def sample(task: SamplingTask) -> Tensor:
    """Walk from ``x`` (B, C, H, W) at ``levels[0]`` to ``levels[-1]``."""
    x, sigmas, options = task.x, task.levels, task.options
    steps = len(sigmas) - 1
    churn = min(options.s_churn / steps, LARGEST_CHURN)
    for index in range(steps):
        sigma = sigmas[index]
        if options.s_churn > 0:
            # drawn at every step, also outside the limits: the generators advance as they always did
            noise = task.noise.next().to(x.dtype) * options.s_noise
            if options.s_tmin <= float(sigma) <= options.s_tmax:
                raised = sigma * (1 + churn)
                x = x + noise * (raised**2 - sigma**2) ** 0.5
                sigma = raised
        denoised = task.model(x, sigma * x.new_ones([x.shape[0]]))
        task.on_step(SamplerStep(index, x, denoised))
        x = x + (x - denoised) / sigma * (sigmas[index + 1] - sigma)
    return x
