"""Estimates of the memory that the networks work in, beside their weights; measured, rounded up."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from torch import nn

from app.api import WorkingTask

from .parts import config_of

LIVE_IN_VAE: Mapping[WorkingTask, float] = MappingProxyType(
    {"decode": 6.0, "decode_in_parts": 3.25, "encode": 3.0, "encode_in_parts": 1.75}
)
"""Tensors of the picture's full size, with twice the channels of the first level, that live together while the VAE works."""
LIVE_IN_UNET = 30
"""Tensors of the first level that live together in the U-Net: mostly what its skip connections keep."""


def vae_bytes(vae: nn.Module, task: WorkingTask, width_px: int, height_px: int) -> int:
    """One picture, decoded or encoded."""
    channels = 2 * int(config_of(vae)["block_out_channels"][0])
    return int(LIVE_IN_VAE[task] * channels * width_px * height_px * _item_bytes(vae))


def prediction_bytes(unet: nn.Module, width: int, height: int) -> int:
    """One row of a batch of latents of ``width`` x ``height``."""
    channels = int(config_of(unet)["block_out_channels"][0])
    return int(LIVE_IN_UNET * channels * width * height * _item_bytes(unet))


def _item_bytes(module: nn.Module) -> int:
    return next(module.parameters()).dtype.itemsize
