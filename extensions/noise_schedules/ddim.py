"""The timesteps of DDIM (Song et al. 2020, arXiv:2010.02502), as sigmas: every so many-th, counted from the second."""

from __future__ import annotations

import torch
from torch import Tensor

from app.api import ScheduleTask


def sigmas(task: ScheduleTask) -> Tensor:
    """Falling sigmas, the last is 0; there may be more than steps + 1, and the user's limits do not apply."""
    stride = max(1, len(task.model_sigmas) // task.steps)
    return torch.cat([task.model_sigmas[1::stride].flip(0).float(), torch.zeros(1)])
