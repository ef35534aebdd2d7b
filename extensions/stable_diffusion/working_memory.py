"""Estimates of the memory that the networks work in, beside their weights; measured, rounded up."""

from __future__ import annotations

from torch import nn

from .parts import config_of

LIVE_AT_FULL_SIZE = 4.5
"""Tensors of the first level's width and the picture's full size that live together while the VAE decodes, in its widest block."""
LIVE_IN_UNET = 24
"""The same for the U-Net's first level: one row of a batch, with what its skip connections keep."""


def decoding_bytes(vae: nn.Module, width_px: int, height_px: int, item_bytes: int) -> int:
    """One picture: the last blocks have twice the first level's channels at full size."""
    channels = int(config_of(vae)["block_out_channels"][0])
    return int(LIVE_AT_FULL_SIZE * 2 * channels * width_px * height_px * item_bytes)


def prediction_bytes(unet: nn.Module, width: int, height: int, item_bytes: int) -> int:
    """One row of a batch of latents of ``width`` x ``height``."""
    channels = int(config_of(unet)["block_out_channels"][0])
    return int(LIVE_IN_UNET * channels * width * height * item_bytes)
