"""The loss that LoRA, embedding and hypernetwork are trained by: how well the U-Net finds the noise in the latents."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch.nn import functional

from tools.demo_model.train_unet import SNR_LIMIT, STEPS, alphas_cumulative
from tools.demo_model.vae import SCALING_FACTOR

from .data import Lesson

NOISY_LIMIT = 30.0
Predict = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]
"""(noisy latents (B, 4, h, w), timesteps (B,), context (B, 77, 128)) -> the noise that is found."""


class NoiseLoss:
    """Losses of batches of a lesson, weighted by min-SNR (Hang et al. 2023, arXiv:2303.09556) and for the picture where noise prevails.

    A picture's colours are decided while it is nearly all noise, where a wrong colour is a very small error of the noise: without the
    second factor a new look keeps the old colours.
    """

    def __init__(self, lesson: Lesson, batch: int) -> None:
        self._lesson, self._batch = lesson, batch
        self._cumulative = alphas_cumulative()

    def scenes(self, step: int) -> list[int]:
        """Which pictures of the lesson step ``step`` learns from."""
        return np.random.default_rng((11, step)).integers(0, len(self._lesson.scenes), self._batch).tolist()

    def of(self, step: int, context: torch.Tensor, predict: Predict) -> torch.Tensor:
        """The mean loss of the step's pictures."""
        mean, deviation = torch.from_numpy(self._lesson.latents[self.scenes(step)]).float().unbind(1)
        clean = SCALING_FACTOR * (mean + deviation * torch.randn_like(mean))
        noise, steps = torch.randn_like(clean), torch.randint(0, STEPS, (len(clean),))
        kept = self._cumulative[steps].view(-1, 1, 1, 1)
        noisy = (kept.sqrt() * clean + (1 - kept).sqrt() * noise).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            found = predict(noisy, steps, context)
        ratio = kept.flatten() / (1 - kept.flatten())
        error = functional.mse_loss(found.float(), noise, reduction="none").mean(dim=(1, 2, 3))
        weight = ratio.clamp(max=SNR_LIMIT) / ratio * (1 + (1 / ratio).clamp(max=NOISY_LIMIT))
        loss: torch.Tensor = (error * weight).mean()
        return loss
