"""What the samplers in timestep space share: the step of DDIM, equation 12 of Song et al. 2020 (arXiv:2010.02502)."""

from __future__ import annotations

import torch
from torch import Tensor

from app.api import SamplingTask


def alphas_at(task: SamplingTask) -> Tensor:
    """The share of signal at each of the task's timesteps, float64 on the CPU, where reading one costs a device nothing."""
    return task.alphas_cumprod.to("cpu", torch.float64)[task.levels]


def timestep_rows(x: Tensor, timestep: Tensor) -> Tensor:
    """One timestep for all pictures of ``x`` (B, C, H, W) as (B,)."""
    return timestep * x.new_ones([x.shape[0]])


def denoised_of(x: Tensor, noise: Tensor, alpha: Tensor) -> Tensor:
    """The picture in ``x`` (B, C, H, W) with this noise and share of signal."""
    return (x - (1 - alpha) ** 0.5 * noise) / alpha**0.5


def fresh_noise(alpha: Tensor, alpha_next: Tensor, eta: float) -> Tensor:
    """Standard deviation of the noise that a step adds; eta 1 is that of DDPM."""
    return eta * ((1 - alpha_next) / (1 - alpha) * (1 - alpha / alpha_next)) ** 0.5


def renoised(denoised: Tensor, noise: Tensor, alpha_next: Tensor, sigma: Tensor | float = 0.0) -> Tensor:
    """``denoised`` (B, C, H, W) with ``noise`` at the next share of signal, leaving room for fresh noise of deviation ``sigma``."""
    return alpha_next**0.5 * denoised + (1 - alpha_next - sigma**2) ** 0.5 * noise
