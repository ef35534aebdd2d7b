"""A table of sigmas between two limits, for the samplers that make one of their own."""

from __future__ import annotations

import torch
from torch import Tensor

RHO = 7.0


def karras_sigmas(count: int, low: float, high: float, like: Tensor) -> Tensor:
    """``count`` falling sigmas from ``high`` to ``low``: equation 5 of Karras et al. 2022 (arXiv:2206.00364); the dtype of ``like``."""
    ramp = torch.linspace(0, 1, count)
    sigmas: Tensor = (high ** (1 / RHO) + ramp * (low ** (1 / RHO) - high ** (1 / RHO))) ** RHO
    return sigmas.to(like)
