"""The exact step for a constant prediction: the exponential integrator that the DPM-Solver++ family builds on."""

from __future__ import annotations

from torch import Tensor


def towards(x: Tensor, denoised: Tensor, sigma: Tensor, sigma_next: Tensor) -> Tensor:
    """``x`` at ``sigma_next`` if the prediction stayed ``denoised`` all the way: equation 9 of Lu et al. 2022 (arXiv:2211.01095)."""
    ratio = sigma_next / sigma
    return ratio * x + (1 - ratio) * denoised
