"""Sigmas evenly spaced in log sigma, that is in log SNR: Lu et al. 2022 (arXiv:2206.00927), section 3.4."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from app.api import ScheduleTask


def sigmas(task: ScheduleTask) -> Tensor:
    """(steps + 1,) falling sigmas, the last is 0."""
    logs = torch.linspace(math.log(task.sigma_max), math.log(task.sigma_min), task.steps)
    return torch.cat([logs.exp(), torch.zeros(1)])
