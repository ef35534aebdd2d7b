"""Latents of a pass -> pictures, and pictures -> latents, for what works on pictures between two passes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PIL import Image

from app.contracts import PassContext, Run

if TYPE_CHECKING:
    from torch import Tensor


def decode_pictures(latents: Tensor, context: PassContext, run: Run) -> list[Image.Image]:
    """Decode latents (B, C, h, w) to RGB pictures; fractions of a level are cut off. Raises UserError for NaN, JobStopped."""
    from app.generation.decode import decode_pixels, to_image

    pictures = []
    for latent in latents:
        run.control.check()
        pictures.append(to_image(decode_pixels(latent[None], context.model, run)))
    return pictures


def encode_pictures(pictures: Sequence[Image.Image], context: PassContext, run: Run) -> Tensor:
    """Encode RGB pictures of one size (W, H) to latents (B, C, H // downscale, W // downscale), the posterior's mean.

    In parts where memory is short. Raises UserError for NaN, JobStopped.
    """
    import numpy as np
    import torch

    levels = np.stack([np.asarray(picture.convert("RGB"), dtype=np.float32) / 255.0 for picture in pictures])
    return encode_pixels(torch.from_numpy(levels).permute(0, 3, 1, 2).contiguous(), context, run)


def encode_pixels(pixels: Tensor, context: PassContext, run: Run) -> Tensor:
    """As ``encode_pictures``, from pixels (B, 3, H, W) in 0..1."""
    from app.generation import encode

    return encode.encode_pixels(pixels, context.model, run)
