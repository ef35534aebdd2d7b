"""DPM-Solver++(2S): algorithm 1 of Lu et al. 2022 (arXiv:2211.01095) with ancestral noise after every step."""

from __future__ import annotations

from torch import Tensor

from app.api import SamplerStep, SamplingTask
from extensions.samplers.ancestral import ancestral_step
from extensions.samplers.exponential import towards
from extensions.samplers.steps import denoise, eta_of


def sample(task: SamplingTask) -> Tensor:
    """Walk from ``x`` (B, C, H, W) at ``levels[0]`` to ``levels[-1]``; two model calls a step, one in a step to 0."""
    x, sigmas, eta = task.x, task.levels, eta_of(task)
    for index in range(len(sigmas) - 1):
        sigma, sigma_next = sigmas[index], sigmas[index + 1]
        denoised = denoise(task, x, sigma)
        task.on_step(SamplerStep(index, x, denoised))
        sigma_down, sigma_up = ancestral_step(sigma, sigma_next, eta)
        if sigma_down > 0:
            middle = ((sigma.log() + sigma_down.log()) / 2).exp()
            denoised = denoise(task, towards(x, denoised, sigma, middle), middle)
        x = towards(x, denoised, sigma, sigma_down)
        if sigma_next > 0:
            x = x + task.noise.next().to(x.dtype) * task.options.s_noise * sigma_up
    return x
