"""Ancestral sampling with Euler steps: DDPM's noise (Ho et al. 2020, arXiv:2006.11239) in the sigma form of Karras et al. 2022."""

from __future__ import annotations

from torch import Tensor

from app.api import SamplerStep, SamplingTask
from extensions.samplers.ancestral import ancestral_step
from extensions.samplers.steps import denoise, eta_of, slope


def sample(task: SamplingTask) -> Tensor:
    """Walk from ``x`` (B, C, H, W) at ``levels[0]`` to ``levels[-1]``."""
    x, sigmas, eta = task.x, task.levels, eta_of(task)
    for index in range(len(sigmas) - 1):
        sigma, sigma_next = sigmas[index], sigmas[index + 1]
        denoised = denoise(task, x, sigma)
        task.on_step(SamplerStep(index, x, denoised))
        sigma_down, sigma_up = ancestral_step(sigma, sigma_next, eta)
        x = x + slope(x, denoised, sigma) * (sigma_down - sigma)
        if eta and sigma_next > 0:
            x = x + task.noise.next().to(x.dtype) * sigma_up
    return x
