"""Sigmas at evenly spaced timesteps of the model, its limits included."""

from __future__ import annotations

import torch
from torch import Tensor

from app.api import ScheduleTask


def sigmas(task: ScheduleTask) -> Tensor:
    """(steps + 1,) falling sigmas, the last is 0; the user's sigma limits do not apply."""
    first, last = (float(task.sigma_to_t(sigma)) for sigma in (task.model_sigmas[-1], task.model_sigmas[0]))
    timesteps = torch.linspace(first, last, task.steps)
    return torch.cat([task.t_to_sigma(timesteps), torch.zeros(1)])
