"""Widens the U-Net's input for checkpoints that see more than the noisy latent: inpainting, pix2pix."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from app.api import Conditioning

EXTRA = "concat"
"""Key of ``Conditioning.extra``: the channels (C, h, w) that follow the noisy latent."""


class InputConcatenation:
    """Adds the channels that a conditioning brings; without them those of a picture that is all to be drawn.

    Inpainting: a mask of ones, and the latent of a grey picture. Pix2pix: a latent of zeros.
    """

    def __init__(self, variant: str, in_channels: int) -> None:
        self._variant = variant
        self._in_channels = in_channels
        self._grey: dict[tuple[int, int], Tensor] = {}

    def widen(self, x: Tensor, conditioning: Sequence[Conditioning], grey_latent: Callable[[int, int], Tensor]) -> Tensor:
        """``x`` (B, C, h, w) -> (B, in_channels, h, w); unchanged when it is wide enough already."""
        lacking = self._in_channels - x.shape[1]
        if lacking <= 0:
            return x
        given = [item.extra.get(EXTRA) for item in conditioning]
        default = self._default(x, lacking, grey_latent) if any(item is None for item in given) else None
        rows = [default if item is None else item.to(x.device, x.dtype) for item in given]
        return torch.cat([x, torch.stack([row for row in rows if row is not None])], dim=1)

    def _default(self, x: Tensor, lacking: int, grey_latent: Callable[[int, int], Tensor]) -> Tensor:
        height, width = x.shape[2:]
        if self._variant != "inpaint":
            return torch.zeros(lacking, height, width, device=x.device, dtype=x.dtype)
        if (height, width) not in self._grey:
            self._grey = {(height, width): grey_latent(height, width)[0]}
        grey = self._grey[height, width].to(x.device, x.dtype)
        return torch.cat([torch.ones(1, height, width, device=x.device, dtype=x.dtype), grey])
