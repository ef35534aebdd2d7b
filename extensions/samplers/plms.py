"""Pseudo linear multistep: algorithm 2 of Liu et al. 2022 (arXiv:2202.09778), DDIM steps with Adams-Bashforth noise."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from app.api import SamplerStep, SamplingTask
from extensions.samplers.noise_steps import alphas_at, denoised_of, renoised, timestep_rows

WEIGHTS = ((1.0,), (3 / 2, -1 / 2), (23 / 12, -16 / 12, 5 / 12), (55 / 24, -59 / 24, 37 / 24, -9 / 24))
"""Of the newest and older noises, by how many there are: Adams and Bashforth 1883."""


def sample(task: SamplingTask) -> Tensor:
    """Walk from ``x`` (B, C, H, W) at the last timestep of ``levels`` down; the first step calls the model twice (improved Euler)."""
    x, timesteps, alphas = task.x, task.levels, alphas_at(task)
    noises: list[Tensor] = []
    for count, index in enumerate(range(len(timesteps) - 1, 0, -1)):
        alpha, alpha_next = alphas[index], alphas[index - 1]
        noises = [task.model(x, timestep_rows(x, timesteps[index])), *noises[:3]]
        noise = combined(noises)
        if count == 0:
            reached = renoised(denoised_of(x, noise, alpha), noise, alpha_next)
            noise = (noise + task.model(reached, timestep_rows(x, timesteps[index - 1]))) / 2
        denoised = denoised_of(x, noise, alpha)
        task.on_step(SamplerStep(count, x, denoised))
        x = renoised(denoised, noise, alpha_next)
    return x


def combined(noises: Sequence[Tensor]) -> Tensor:
    """The noise of the next step from those before, newest first, at most four."""
    weights = WEIGHTS[len(noises) - 1]
    total = noises[0] * weights[0]
    for weight, noise in zip(weights[1:], noises[1:], strict=True):
        total = total + weight * noise
    return total
