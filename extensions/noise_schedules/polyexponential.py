"""Sigmas spaced by a power in log sigma; rho 1 is the exponential schedule (Crowson, k-diffusion, 2022)."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from app.api import ScheduleTask

DEFAULT_RHO = 1.0


def sigmas(task: ScheduleTask) -> Tensor:
    """(steps + 1,) falling sigmas, the last is 0."""
    rho = DEFAULT_RHO if task.rho is None else task.rho
    ramp = torch.linspace(1, 0, task.steps) ** rho
    low, high = math.log(task.sigma_min), math.log(task.sigma_max)
    return torch.cat([(ramp * (high - low) + low).exp(), torch.zeros(1)])
