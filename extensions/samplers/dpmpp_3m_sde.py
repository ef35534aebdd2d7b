"""DPM-Solver++ SDE of third order from three predictions in a row, after Lu et al. 2022 (arXiv:2211.01095)."""

from __future__ import annotations

import torch
from torch import Tensor

from app.api import SamplerStep, SamplingTask
from extensions.samplers.dpmpp_2m_sde import sde_noise
from extensions.samplers.steps import denoise, eta_of


def sample(task: SamplingTask) -> Tensor:
    """Walk from ``x`` (B, C, H, W) at ``levels[0]`` to ``levels[-1]``."""
    x, sigmas, eta = task.x, task.levels, eta_of(task)
    lambdas = -sigmas.log()
    before: list[Tensor] = []
    lengths: list[Tensor] = []
    for index in range(len(sigmas) - 1):
        sigma, sigma_next = sigmas[index], sigmas[index + 1]
        denoised = denoise(task, x, sigma)
        task.on_step(SamplerStep(index, x, denoised))
        if sigma_next == 0:
            x = denoised
            continue
        length = lambdas[index + 1] - lambdas[index]
        whole = length * (1 + eta)
        x = torch.exp(-whole) * x - torch.expm1(-whole) * denoised + higher_orders(whole, length, [denoised, *before], lengths)
        if eta:
            x = x + sde_noise(task, x, sigma, sigma_next)
        before, lengths = [denoised, *before[:1]], [length, *lengths[:1]]
    return x


def higher_orders(whole: Tensor, length: Tensor, predictions: list[Tensor], lengths: list[Tensor]) -> Tensor | float:
    """The terms of second and third order, from the newest predictions and the lengths of the steps between them (newest first)."""
    if not lengths:
        return 0.0
    second = torch.expm1(-whole) / whole + 1
    ratio = lengths[0] / length
    change = (predictions[0] - predictions[1]) / ratio
    if len(lengths) == 1:
        return second * change
    older_ratio = lengths[1] / length
    older_change = (predictions[1] - predictions[2]) / older_ratio
    curvature = (change - older_change) / (ratio + older_ratio)
    third = second / whole - 0.5
    return second * (change + curvature * ratio) - third * curvature
