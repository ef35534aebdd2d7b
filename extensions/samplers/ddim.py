"""DDIM: equation 12 of Song et al. 2020 (arXiv:2010.02502); eta 0 is deterministic, 1 is DDPM."""

from __future__ import annotations

import torch
from torch import Tensor

from app.api import SamplerStep, SamplingTask

DEFAULT_ETA = 0.0


def sample(task: SamplingTask) -> Tensor:
    """Walk from ``x`` (B, C, H, W) at the last timestep of ``levels`` down; the lowest timestep is never evaluated."""
    x, timesteps = task.x, task.levels
    eta = DEFAULT_ETA if task.options.eta is None else task.options.eta
    alphas = task.alphas_cumprod.to(x.device, torch.float64)[timesteps]
    for count, index in enumerate(range(len(timesteps) - 1, 0, -1)):
        noise_part = task.model(x, timesteps[index] * x.new_ones([x.shape[0]]))
        alpha, alpha_next = alphas[index], alphas[index - 1]
        denoised = (x - (1 - alpha) ** 0.5 * noise_part) / alpha**0.5
        task.on_step(SamplerStep(count, x, denoised))
        sigma = eta * ((1 - alpha_next) / (1 - alpha) * (1 - alpha / alpha_next)) ** 0.5
        x = alpha_next**0.5 * denoised + (1 - alpha_next - sigma**2) ** 0.5 * noise_part
        if eta:
            x = x + sigma * task.noise.next().to(x.dtype)
    return x
