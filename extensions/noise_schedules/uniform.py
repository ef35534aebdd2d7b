"""Sigmas at evenly spaced timesteps of the model, its limits included."""

from __future__ import annotations

import torch
from torch import Tensor

from app.api import ScheduleTask


def sigmas(task: ScheduleTask) -> Tensor:
    """(steps + 1,) falling sigmas, the last is 0; the user's sigma limits do not apply."""
    timesteps = torch.linspace(len(task.model_sigmas) - 1, 0, task.steps)
    return torch.cat([task.t_to_sigma(timesteps), torch.zeros(1)])
