"""Euler's method with optional churn: algorithm 2 of Karras et al. 2022 (arXiv:2206.00364) without the second-order correction."""

from __future__ import annotations

from torch import Tensor

from app.api import SamplerStep, SamplingTask
from extensions.samplers.churn import churned
from extensions.samplers.steps import denoise, slope


def sample(task: SamplingTask) -> Tensor:
    """Walk from ``x`` (B, C, H, W) at ``levels[0]`` to ``levels[-1]``."""
    x, sigmas = task.x, task.levels
    for index in range(len(sigmas) - 1):
        x, sigma = churned(task, x, sigmas[index])
        denoised = denoise(task, x, sigma)
        task.on_step(SamplerStep(index, x, denoised))
        x = x + slope(x, denoised, sigma) * (sigmas[index + 1] - sigma)
    return x
