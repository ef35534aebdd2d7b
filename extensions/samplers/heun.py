"""Heun's method with optional churn: algorithm 2 of Karras et al. 2022 (arXiv:2206.00364)."""

from __future__ import annotations

from torch import Tensor

from app.api import SamplerStep, SamplingTask
from extensions.samplers.churn import churned
from extensions.samplers.steps import denoise, slope


def sample(task: SamplingTask) -> Tensor:
    """Walk from ``x`` (B, C, H, W) at ``levels[0]`` to ``levels[-1]``; two model calls a step, one in a step to 0."""
    x, sigmas = task.x, task.levels
    for index in range(len(sigmas) - 1):
        x, sigma = churned(task, x, sigmas[index])
        denoised = denoise(task, x, sigma)
        task.on_step(SamplerStep(index, x, denoised))
        x = heun_step(task, x, denoised, sigma, sigmas[index + 1])
    return x


def heun_step(task: SamplingTask, x: Tensor, denoised: Tensor, sigma: Tensor, sigma_next: Tensor) -> Tensor:
    """``x`` at ``sigma_next``, by the mean of the slopes at both ends."""
    first = slope(x, denoised, sigma)
    reached = x + first * (sigma_next - sigma)
    if sigma_next == 0:
        return reached
    second = slope(reached, denoise(task, reached, sigma_next), sigma_next)
    return x + (first + second) / 2 * (sigma_next - sigma)
