"""DPM-Solver-2 (Lu et al. 2022, arXiv:2206.00927) with ancestral noise after every step."""

from __future__ import annotations

from torch import Tensor

from app.api import SamplerStep, SamplingTask
from extensions.samplers.ancestral import ancestral_step
from extensions.samplers.dpm_2 import midpoint_step
from extensions.samplers.steps import denoise, eta_of


def sample(task: SamplingTask) -> Tensor:
    """Walk from ``x`` (B, C, H, W) at ``levels[0]`` to ``levels[-1]``; two model calls a step, one in a step to 0."""
    x, sigmas = task.x, task.levels
    for index in range(len(sigmas) - 1):
        sigma = sigmas[index]
        denoised = denoise(task, x, sigma)
        task.on_step(SamplerStep(index, x, denoised))
        sigma_down, sigma_up = ancestral_step(sigma, sigmas[index + 1], eta_of(task))
        x = midpoint_step(task, x, denoised, sigma, sigma_down)
        if sigma_down > 0:
            x = x + task.noise.next().to(x.dtype) * task.options.s_noise * sigma_up
    return x
