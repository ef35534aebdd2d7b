"""DPM-Solver-2 in the form of Karras et al. 2022 (arXiv:2206.00364), with their churn: the midpoint method in log sigma."""

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
        x = midpoint_step(task, x, denoised, sigma, sigmas[index + 1])
    return x


def midpoint_step(task: SamplingTask, x: Tensor, denoised: Tensor, sigma: Tensor, sigma_next: Tensor) -> Tensor:
    """``x`` at ``sigma_next``, by the slope at the geometric mean of both levels (Lu et al. 2022, arXiv:2206.00927)."""
    start = slope(x, denoised, sigma)
    if sigma_next == 0:
        return x + start * (sigma_next - sigma)
    middle = ((sigma.log() + sigma_next.log()) / 2).exp()
    halfway = x + start * (middle - sigma)
    return x + slope(halfway, denoise(task, halfway, middle), middle) * (sigma_next - sigma)
