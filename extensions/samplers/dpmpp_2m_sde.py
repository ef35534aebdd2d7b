"""SDE-DPM-Solver++(2M), midpoint: appendix of Lu et al. 2022 (arXiv:2211.01095), with Brownian noise."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from app.api import SamplerStep, SamplingTask
from extensions.samplers.steps import brownian_of, denoise, eta_of

Correction = Callable[[Tensor], Tensor]


def sample(task: SamplingTask) -> Tensor:
    """Walk from ``x`` (B, C, H, W) at ``levels[0]`` to ``levels[-1]``."""
    return walk(task, midpoint)


def midpoint(step: Tensor) -> Tensor:
    """Weight of the prediction's change for a step of this length in lambda, times 1 + eta."""
    return -0.5 * torch.expm1(-step)


def walk(task: SamplingTask, correction: Correction) -> Tensor:
    """The solver with one of the two forms of its second-order term."""
    x, sigmas, eta = task.x, task.levels, eta_of(task)
    lambdas = -sigmas.log()
    before: Tensor | None = None
    for index in range(len(sigmas) - 1):
        sigma, sigma_next = sigmas[index], sigmas[index + 1]
        denoised = denoise(task, x, sigma)
        task.on_step(SamplerStep(index, x, denoised))
        if sigma_next == 0:
            x = denoised
            continue
        length = lambdas[index + 1] - lambdas[index]
        whole = length * (1 + eta)
        x = sigma_next / sigma * torch.exp(-eta * length) * x - torch.expm1(-whole) * denoised
        if before is not None:
            ratio = (lambdas[index] - lambdas[index - 1]) / length
            x = x + correction(whole) / ratio * (denoised - before)
        if eta:
            x = x + sde_noise(task, x, sigma, sigma_next)
        before = denoised
    return x


def sde_noise(task: SamplingTask, x: Tensor, sigma: Tensor, sigma_next: Tensor) -> Tensor:
    """The noise that the solver adds in a step, like ``x`` (B, C, H, W)."""
    length = sigma.log() - sigma_next.log()
    share = (-torch.expm1(-2 * eta_of(task) * length)) ** 0.5
    return brownian_of(task).between(sigma, sigma_next).to(x.dtype) * sigma_next * share * task.options.s_noise
