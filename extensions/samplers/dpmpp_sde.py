"""SDE-DPM-Solver++ of second order in one step: appendix of Lu et al. 2022 (arXiv:2211.01095), with a midpoint and Brownian noise."""

from __future__ import annotations

from torch import Tensor

from app.api import SamplerStep, SamplingTask
from extensions.samplers.ancestral import ancestral_step
from extensions.samplers.exponential import towards
from extensions.samplers.steps import brownian_of, denoise, eta_of


def sample(task: SamplingTask) -> Tensor:
    """Walk from ``x`` (B, C, H, W) at ``levels[0]`` to ``levels[-1]``; two model calls a step, one in a step to 0."""
    x, sigmas = task.x, task.levels
    times = -sigmas.log()
    for index in range(len(sigmas) - 1):
        denoised = denoise(task, x, sigmas[index])
        task.on_step(SamplerStep(index, x, denoised))
        if sigmas[index + 1] > 0:
            middle = times[index] + (times[index + 1] - times[index]) * 0.5
            halfway = noised_step(task, x, denoised, times[index], middle)
            denoised = denoise(task, halfway, (-middle).exp())
        x = noised_step(task, x, denoised, times[index], times[index + 1])
    return x


def noised_step(task: SamplingTask, x: Tensor, denoised: Tensor, time: Tensor, time_next: Tensor) -> Tensor:
    """An ancestral step with a constant prediction, between two times -log(sigma); no noise in a step to sigma 0."""
    sigma, sigma_next = (-time).exp(), (-time_next).exp()  # also the limits of the noise: its path depends on their last digits
    sigma_down, sigma_up = ancestral_step(sigma, sigma_next, eta_of(task))
    reached = towards(x, denoised, sigma, sigma_down)
    if sigma_next == 0:
        return reached
    return reached + brownian_of(task).between(sigma, sigma_next).to(x.dtype) * task.options.s_noise * sigma_up
