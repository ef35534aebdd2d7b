"""The convolution blocks that the VAE and the U-Net of the demo checkpoint share."""

from __future__ import annotations

import ctypes

import torch
from torch import nn

from .fused_norm import GROUPS, FusedNorm, NormCall


class Normalisation(nn.GroupNorm):
    """GroupNorm with the 32 groups of the SD1 family, followed by SiLU if asked."""

    kernel: ctypes.CDLL | None = None

    def forward(self, x: torch.Tensor, silu: bool = False) -> torch.Tensor:  # type: ignore[override]
        if self.kernel is not None:
            return FusedNorm.apply(x, self.weight, self.bias, NormCall(self.kernel, self.eps, silu))  # type: ignore[no-any-return]
        normed = super().forward(x)
        return nn.functional.silu(normed) if silu else normed


def normalisation(channels: int, epsilon: float) -> Normalisation:
    """A fresh normalisation of `channels` channels."""
    return Normalisation(GROUPS, channels, eps=epsilon)


def use_kernel(model: nn.Module, kernel: ctypes.CDLL | None) -> None:
    """Lets all normalisations of `model` use the fused bfloat16 kernel (None: torch's own, in any dtype)."""
    for module in model.modules():
        if isinstance(module, Normalisation):
            module.kernel = kernel


class VaeResnetBlock(nn.Module):
    """LDM's residual block of the autoencoder: (B, C_in, H, W) to (B, C_out, H, W)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.norm1 = normalisation(inputs, 1e-6)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.norm2 = normalisation(outputs, 1e-6)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)
        nn.init.zeros_(self.conv2.weight)  # a fresh block passes its input on: training starts several times faster
        if inputs != outputs:
            self.nin_shortcut = nn.Conv2d(inputs, outputs, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden = self.conv1(self.norm1(x, silu=True))
        hidden = self.conv2(self.norm2(hidden, silu=True))
        return hidden + (self.nin_shortcut(x) if hasattr(self, "nin_shortcut") else x)


class VaeAttentionBlock(nn.Module):
    """LDM's single-head self-attention of the autoencoder's middle, with 1x1 convolutions."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = normalisation(channels, 1e-6)
        self.q = nn.Conv2d(channels, channels, 1)
        self.k = nn.Conv2d(channels, channels, 1)
        self.v = nn.Conv2d(channels, channels, 1)
        self.proj_out = nn.Conv2d(channels, channels, 1)
        nn.init.zeros_(self.proj_out.weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        normed = self.norm(x)
        # (B, C, H, W) -> (B, H*W, C)
        query, key, value = (layer(normed).flatten(2).transpose(1, 2) for layer in (self.q, self.k, self.v))
        scores = torch.bmm(query, key.transpose(1, 2)) * query.shape[-1] ** -0.5
        mixed = torch.bmm(scores.softmax(dim=-1), value)
        return x + self.proj_out(mixed.transpose(1, 2).reshape(x.shape))
