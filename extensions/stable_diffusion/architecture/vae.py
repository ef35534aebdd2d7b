"""Derives the configuration of a VAE (keyword arguments of diffusers' AutoencoderKL) from its LDM-layout shapes."""

from __future__ import annotations

from typing import Any

from app.api import ModelFileError

from .shapes import Shapes, numbers, size

SCALING_FACTORS = {"sd1": 0.18215, "sd2": 0.18215, "sdxl": 0.13025, "sdxl-refiner": 0.13025}
GROUPS = 32


def vae_config(shapes: Shapes, family: str) -> dict[str, Any]:
    """Keyword arguments of AutoencoderKL; ``shapes`` without prefix. The scale of the latents is the family's: shapes hide it."""
    levels = numbers(shapes, "decoder.up.")
    if not levels:
        raise ModelFileError("its VAE has a layout that is not known (no decoder.up blocks)")
    channels = tuple(size(shapes, f"decoder.up.{level}.block.0.conv1.weight", 0) for level in levels)
    blocks = {len(numbers(shapes, f"decoder.up.{level}.block.")) for level in levels}
    if len(blocks) != 1:
        raise ModelFileError("its VAE has a layout that is not known (levels of unequal length)")
    return {
        "in_channels": size(shapes, "encoder.conv_in.weight", 1),
        "out_channels": size(shapes, "decoder.conv_out.weight", 0),
        "block_out_channels": channels,
        "down_block_types": ("DownEncoderBlock2D",) * len(levels),
        "up_block_types": ("UpDecoderBlock2D",) * len(levels),
        "layers_per_block": blocks.pop() - 1,
        "latent_channels": size(shapes, "decoder.conv_in.weight", 1),
        "norm_num_groups": GROUPS,
        "scaling_factor": SCALING_FACTORS[family],
        "use_quant_conv": "quant_conv.weight" in shapes,
        "use_post_quant_conv": "post_quant_conv.weight" in shapes,
    }
