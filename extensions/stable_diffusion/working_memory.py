"""Estimates of the memory that the networks work in, beside their weights; measured, rounded up."""

from __future__ import annotations

from torch import nn

from .parts import config_of

LIVE_WHOLE, LIVE_IN_PARTS = 6.0, 3.25
"""Tensors of the picture's full size, with twice the channels of the first level, that live together while the VAE decodes."""
LIVE_IN_UNET = 30
"""Tensors of the first level that live together in the U-Net: mostly what its skip connections keep."""


def decoding_bytes(vae: nn.Module, width_px: int, height_px: int, *, whole: bool) -> int:
    """One picture."""
    channels = 2 * int(config_of(vae)["block_out_channels"][0])
    return int((LIVE_WHOLE if whole else LIVE_IN_PARTS) * channels * width_px * height_px * _item_bytes(vae))


def prediction_bytes(unet: nn.Module, width: int, height: int) -> int:
    """One row of a batch of latents of ``width`` x ``height``."""
    channels = int(config_of(unet)["block_out_channels"][0])
    return int(LIVE_IN_UNET * channels * width * height * _item_bytes(unet))


def _item_bytes(module: nn.Module) -> int:
    return next(module.parameters()).dtype.itemsize
