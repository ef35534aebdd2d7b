"""SDE-DPM-Solver++(2M) with its second-order term in Heun's form: appendix of Lu et al. 2022 (arXiv:2211.01095)."""

from __future__ import annotations

import torch
from torch import Tensor

from app.api import SamplingTask
from extensions.samplers.dpmpp_2m_sde import walk


def sample(task: SamplingTask) -> Tensor:
    """Walk from ``x`` (B, C, H, W) at ``levels[0]`` to ``levels[-1]``."""
    return walk(task, heun)


def heun(step: Tensor) -> Tensor:
    """Weight of the prediction's change for a step of this length in lambda, times 1 + eta."""
    return torch.expm1(-step) / step + 1
