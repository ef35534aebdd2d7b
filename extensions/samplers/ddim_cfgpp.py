"""DDIM CFG++: algorithm 2 of Chung et al. 2024 (arXiv:2406.08070), renoised with the prediction for the negative prompt alone."""

from __future__ import annotations

from torch import Tensor

from app.api import SamplerStep, SamplingTask
from extensions.samplers.noise_steps import alphas_at, denoised_of, fresh_noise, renoised, timestep_rows
from extensions.samplers.steps import eta_of

DEFAULT_ETA = 0.0


def sample(task: SamplingTask) -> Tensor:
    """Walk from ``x`` (B, C, H, W) at the last timestep of ``levels`` down; the lowest timestep is never evaluated."""
    if task.guided is None:
        raise ValueError("this sampler needs the prediction without guidance")
    x, timesteps, alphas, eta = task.x, task.levels, alphas_at(task), eta_of(task, DEFAULT_ETA)
    for count, index in enumerate(range(len(timesteps) - 1, 0, -1)):
        noise = task.guided(x, timestep_rows(x, timesteps[index]))
        denoised = denoised_of(x, noise.guided, alphas[index])
        task.on_step(SamplerStep(count, x, denoised))
        sigma = fresh_noise(alphas[index], alphas[index - 1], eta)
        x = renoised(denoised, noise.negative, alphas[index - 1], sigma)
        if eta:
            x = x + sigma * task.noise.next().to(x.dtype)
    return x
