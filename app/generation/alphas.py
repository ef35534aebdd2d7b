"""The user's changes of a model's noise levels: the share of signal alpha_bar at each training step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.values.plan import SamplingOptions

if TYPE_CHECKING:
    from torch import Tensor

LAST_SHARE = 4.8973451890853435e-08
"""Of signal at the last timestep with zero terminal SNR: not quite 0, so that its sigma is finite."""


def changed_alphas(alphas_cumprod: Tensor, options: SamplingOptions) -> Tensor:
    """``alphas_cumprod`` (T,) float32 as the options ask for: rounded to half precision, then shifted to zero terminal SNR."""
    if options.use_downcasted_alpha_bar:
        alphas_cumprod = alphas_cumprod.half()
    if options.sd_noise_schedule == "Zero Terminal SNR":
        alphas_cumprod = zero_terminal_snr(alphas_cumprod)
    return alphas_cumprod


def zero_terminal_snr(alphas_cumprod: Tensor) -> Tensor:
    """A schedule (T,) shifted and scaled so that its last step is pure noise: algorithm 1 of Lin et al. 2023 (arXiv:2305.08891)."""
    root = alphas_cumprod.sqrt()
    shifted = ((root - root[-1]) * (root[0] / (root[0] - root[-1]))) ** 2
    shifted[-1] = LAST_SHARE
    return shifted
