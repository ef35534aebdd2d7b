"""Sigmas at evenly spaced timesteps that leave out the lowest: "trailing" in Lin et al. 2023 (arXiv:2305.08891), table 2."""

from __future__ import annotations

import torch
from torch import Tensor

from app.api import ScheduleTask


def sigmas(task: ScheduleTask) -> Tensor:
    """(steps + 1,) falling sigmas, the last is 0."""
    first, last = (float(task.sigma_to_t(torch.tensor(sigma))) for sigma in (task.sigma_max, task.sigma_min))
    timesteps = torch.linspace(first, last, task.steps + 1)[:-1]
    return torch.cat([task.t_to_sigma(timesteps), torch.zeros(1)])
