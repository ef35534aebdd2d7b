"""Sigmas evenly spaced in their arc tangent: theorem 3.1 of Sabour et al. 2024, Align Your Steps (arXiv:2404.14507)."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from app.api import ScheduleTask


def sigmas(task: ScheduleTask) -> Tensor:
    """(steps + 1,) falling sigmas; the last is the lower limit, not 0."""
    share = torch.arange(task.steps + 1) / task.steps
    return torch.tan(share * math.atan(task.sigma_min) + (1 - share) * math.atan(task.sigma_max))
