"""Sigmas evenly spaced in sigma^(1/rho): equation 5 of Karras et al. 2022 (arXiv:2206.00364)."""

from __future__ import annotations

import torch
from torch import Tensor

from app.api import ScheduleTask

DEFAULT_RHO = 7.0


def sigmas(task: ScheduleTask) -> Tensor:
    """(steps + 1,) falling sigmas, the last is 0."""
    rho = DEFAULT_RHO if task.rho is None else task.rho
    ramp = torch.linspace(0, 1, task.steps)
    low, high = task.sigma_min ** (1 / rho), task.sigma_max ** (1 / rho)
    return torch.cat([(high + ramp * (low - high)) ** rho, torch.zeros(1)])
