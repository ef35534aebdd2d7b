"""What the samplers in sigma space share: calling the model at one level for a whole batch, and the slope of its path."""

from __future__ import annotations

from torch import Tensor

from app.api import IntervalNoise, SamplingTask


def denoise(task: SamplingTask, x: Tensor, sigma: Tensor) -> Tensor:
    """D(x, sigma) for ``x`` (B, C, H, W) and one sigma for all of them."""
    return task.model(x, sigma * x.new_ones([x.shape[0]]))


def slope(x: Tensor, denoised: Tensor, sigma: Tensor) -> Tensor:
    """dx/dsigma of the probability flow: equation 3 of Karras et al. 2022 (arXiv:2206.00364)."""
    return (x - denoised) / sigma


def eta_of(task: SamplingTask, default: float = 1.0) -> float:
    """The user's eta, or the sampler's own."""
    return default if task.options.eta is None else task.options.eta


def brownian_of(task: SamplingTask) -> IntervalNoise:
    """The noise of a sampler that is registered with ``brownian_noise``; ValueError when the caller left it out."""
    if task.brownian is None:
        raise ValueError("this sampler needs brownian noise")
    return task.brownian
