"""Multistep consistency sampling: algorithm 1 of Luo et al. 2023 (arXiv:2310.04378), fresh noise after every prediction but the last."""

from __future__ import annotations

from torch import Tensor

from app.api import SamplerStep, SamplingTask
from extensions.samplers.steps import denoise

SIGMA_DATA = 0.5
TIMESTEP_SCALING = 10.0


def sample(task: SamplingTask) -> Tensor:
    """Walk from ``x`` (B, C, H, W) at ``levels[0]`` to ``levels[-1]``."""
    x, sigmas = task.x, task.levels
    for index in range(len(sigmas) - 1):
        denoised = denoise(task, x, sigmas[index])
        task.on_step(SamplerStep(index, x, denoised))
        x = denoised
        if sigmas[index + 1] > 0:
            x = x + sigmas[index + 1] * task.noise.next().to(x.dtype)
    return x


def boundary(denoised: Tensor, x: Tensor, timestep: Tensor) -> Tensor:
    """The consistency function: ``x`` itself at timestep 0, nearly ``denoised`` elsewhere (equation 9); ``timestep`` (B,)."""
    scaled = (timestep * TIMESTEP_SCALING).view(-1, 1, 1, 1).to(x.dtype)
    total = scaled**2 + SIGMA_DATA**2
    return scaled / total**0.5 * denoised + SIGMA_DATA**2 / total * x
