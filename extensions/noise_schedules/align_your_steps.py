"""The optimised sigmas of Sabour et al. 2024, Align Your Steps (arXiv:2404.14507), for ten steps; other numbers lie between them."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from app.api import ScheduleTask

SD1 = (14.615, 6.475, 3.861, 2.697, 1.886, 1.396, 0.963, 0.652, 0.399, 0.152, 0.029)
SDXL = (14.615, 6.315, 3.771, 2.181, 1.342, 0.862, 0.555, 0.380, 0.234, 0.113, 0.029)


def sigmas(task: ScheduleTask) -> Tensor:
    """(steps + 1,) falling sigmas, the last is 0; the user's limits do not apply. Between the points log sigma is linear."""
    points = SDXL if task.family.startswith("sdxl") else SD1
    places = np.linspace(0, 1, task.steps)
    logs = np.interp(places, np.linspace(0, 1, len(points)), np.log(points[::-1]))
    return torch.tensor([*np.exp(logs)[::-1], 0.0], dtype=torch.float32)
