"""How an ancestral step splits: a shorter way down, then fresh noise up to the next level."""

from __future__ import annotations

import torch
from torch import Tensor


def ancestral_step(sigma_from: Tensor, sigma_to: Tensor, eta: float) -> tuple[Tensor, Tensor]:
    """(sigma_down, sigma_up) with sigma_down^2 + sigma_up^2 = sigma_to^2; ``eta`` 0 takes the whole way without noise."""
    if not eta:
        return sigma_to, torch.zeros_like(sigma_to)
    sigma_up = eta * (sigma_to**2 * (sigma_from**2 - sigma_to**2) / sigma_from**2) ** 0.5
    sigma_up = torch.minimum(sigma_to, sigma_up)
    return (sigma_to**2 - sigma_up**2) ** 0.5, sigma_up
