"""DPM-Solver++(2M): algorithm 2 of Lu et al. 2022 (arXiv:2211.01095), second order from two predictions in a row."""

from __future__ import annotations

import torch
from torch import Tensor

from app.api import SamplerStep, SamplingTask


def sample(task: SamplingTask) -> Tensor:
    """Walk from ``x`` (B, C, H, W) at ``levels[0]`` to ``levels[-1]``."""
    x, sigmas = task.x, task.levels
    times = -sigmas.log()
    previous: Tensor | None = None
    for index in range(len(sigmas) - 1):
        denoised = task.model(x, sigmas[index] * x.new_ones([x.shape[0]]))
        task.on_step(SamplerStep(index, x, denoised))
        step = times[index + 1] - times[index]
        target = denoised
        if previous is not None and sigmas[index + 1] > 0:
            ratio = (times[index] - times[index - 1]) / step
            target = denoised + (denoised - previous) / (2 * ratio)
        x = sigmas[index + 1] / sigmas[index] * x - torch.expm1(-step) * target
        previous = denoised
    return x
