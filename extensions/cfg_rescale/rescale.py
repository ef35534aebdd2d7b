"""Rescales the guided prediction to the deviation of the positive one (Lin et al. 2023, arXiv:2305.08891, section 3.4)."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from app.api import DenoiseState, GuidedPrediction


@dataclass(frozen=True)
class Rescaling:
    """A GuidanceEditor: x = share * (x_cfg * std(x_pos) / std(x_cfg)) + (1 - share) * x_cfg, deviations over each picture."""

    share: float

    def __call__(self, prediction: GuidedPrediction, state: DenoiseState) -> Tensor:
        """Denoised pictures (B, C, h, w)."""
        guided, axes = prediction.guided, (1, 2, 3)
        ratio = prediction.positive.std(axes, keepdim=True) / guided.std(axes, keepdim=True)
        return guided * (self.share * ratio + (1 - self.share))
