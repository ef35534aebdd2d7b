"""What DPM fast and DPM adaptive walk through, and their ancestral split: they place their own levels between two limits."""

from __future__ import annotations

import torch
from torch import Tensor

from app.api import SamplingTask
from extensions.samplers.ancestral import ancestral_step
from extensions.samplers.dpm_solver import NoisePrediction


def time_limits(task: SamplingTask) -> tuple[Tensor, Tensor]:
    """First and last time -log(sigma) (0-dim): from noise the model's own limits, else those of the levels without the last."""
    if task.from_noise:
        signal = task.alphas_cumprod.float()
        first, last = (((1 - signal[index]) / signal[index]) ** 0.5 for index in (-1, 0))
    else:
        first, last = task.levels[0], task.levels[-2]
    return -first.to(task.levels).log(), -last.to(task.levels).log()


def noise_predictor(task: SamplingTask) -> NoisePrediction:
    """The noise in ``x`` at times (B, 1, 1, 1), by the task's model."""

    def predict(x: Tensor, time: Tensor) -> Tensor:
        sigma = (-time).exp()
        return (x - task.model(x, sigma.view(-1))) / sigma

    return predict


def split_step(start: Tensor, end: Tensor, last: Tensor, eta: float) -> tuple[Tensor, Tensor]:
    """For a step between two times: the time that the solver goes to, never past ``last``, and the sigma of the noise after it."""
    if not eta:
        return end, torch.zeros_like(end)
    sigma_end = (-end).exp()
    sigma_down, _ = ancestral_step((-start).exp(), sigma_end, eta)
    reached = torch.minimum(last, -sigma_down.log())
    return reached, (sigma_end**2 - (-2 * reached).exp()).clamp(min=0) ** 0.5
