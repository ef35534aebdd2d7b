"""Every so many-th of the model's sigmas, from the noisiest on: whole timesteps, "trailing" in Lin et al. 2023 (arXiv:2305.08891)."""

from __future__ import annotations

import torch
from torch import Tensor

from app.api import ScheduleTask


def sigmas(task: ScheduleTask) -> Tensor:
    """(steps + 1,) falling sigmas, the last is 0; the user's limits do not apply."""
    stride = len(task.model_sigmas) / task.steps
    picked = [-(1 + int(index * stride)) for index in range(task.steps)]
    return torch.cat([task.model_sigmas[picked].float(), torch.zeros(1)])
