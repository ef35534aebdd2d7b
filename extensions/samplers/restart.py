"""Restart sampling: algorithm 1 of Xu et al. 2023 (arXiv:2306.14878), Heun steps with jumps back up to a noisier level."""

from __future__ import annotations

import torch
from torch import Tensor

from app.api import SamplerStep, SamplingTask
from extensions.samplers.heun import heun_step
from extensions.samplers.karras_sigmas import karras_sigmas
from extensions.samplers.steps import denoise

LOW, HIGH = 0.1, 2.0
"""The restart interval, in sigma."""
FEWEST_STEPS = 20
MANY_STEPS = 36


def sample(task: SamplingTask) -> Tensor:
    """Walk from ``x`` (B, C, H, W) at ``levels[0]`` to ``levels[-1]``; two model calls a step, one in a step to 0."""
    x, reached = task.x, task.levels[0]
    for index, (sigma, sigma_next) in enumerate(step_list(task.levels)):
        if sigma > reached:
            x = x + task.noise.next().to(x.dtype) * (sigma**2 - reached**2) ** 0.5
        denoised = denoise(task, x, sigma)
        task.on_step(SamplerStep(index, x, denoised))
        x, reached = heun_step(task, x, denoised, sigma, sigma_next), sigma_next
    return x


def step_list(sigmas: Tensor) -> list[tuple[Tensor, Tensor]]:
    """From where to where each step goes: with enough steps, a part of them is spent on going through the interval again."""
    steps = len(sigmas) - 1
    if steps < FEWEST_STEPS:
        return list(zip(sigmas[:-1], sigmas[1:], strict=True))
    again, times = (steps // 4, 2) if steps >= MANY_STEPS else (9, 1)
    main = torch.cat([karras_sigmas(steps - again * times, float(sigmas[-2]), float(sigmas[0]), sigmas), sigmas.new_zeros(1)])
    low = int((main - LOW).abs().argmin())
    high = int((main - HIGH).abs().argmin())
    walk = list(zip(main[:-1], main[1:], strict=True))
    if low == 0 or high >= low:
        return walk
    loop = karras_sigmas(again + 1, float(main[low]), float(main[high]), sigmas)
    return walk[:low] + list(zip(loop[:-1], loop[1:], strict=True)) * times + walk[low:]
