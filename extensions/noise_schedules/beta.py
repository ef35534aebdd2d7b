"""Sigmas at evenly spaced quantiles of a Beta distribution: Lee et al. 2024, Beta Sampling is All You Need (arXiv:2407.12173)."""

from __future__ import annotations

import torch
from torch import Tensor

from app.api import Json, ScheduleTask
from extensions.noise_schedules.beta_distribution import quantile

DEFAULT_SHAPE = 0.6


def sigmas(task: ScheduleTask) -> Tensor:
    """(steps + 1,) falling sigmas, the last is 0."""
    alpha, beta = _number(task.settings.get("beta_dist_alpha")), _number(task.settings.get("beta_dist_beta"))
    places = [1 - index / (task.steps - 1) if task.steps > 1 else 1.0 for index in range(task.steps)]
    span = task.sigma_max - task.sigma_min
    return torch.tensor([*(task.sigma_min + quantile(place, alpha, beta) * span for place in places), 0.0], dtype=torch.float32)


def _number(value: Json) -> float:
    return float(value) if isinstance(value, int | float) else DEFAULT_SHAPE
