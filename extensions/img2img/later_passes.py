"""What inpainting checkpoints see in the passes after the first: the picture that the pass begins with, all of it to be drawn."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from app.api import ImageConditioning, PassContext, Run, decode_pictures, encode_pixels
from extensions.img2img.channels import CONCAT, INPAINT
from extensions.img2img.params import Img2ImgSettings
from extensions.img2img.settings import settings_of
from extensions.img2img.start import to_pixels

GREY = 0.5


def with_start_shown(conditioning: Sequence[ImageConditioning], context: PassContext, run: Run) -> Sequence[ImageConditioning]:
    """The conditioning of a batch with its pictures as far as the setting ``inpainting_mask_weight`` lets them be seen.

    Unchanged for other checkpoints, and where nothing is to be seen: without channels a checkpoint sees grey.
    """
    weight = settings_of(Img2ImgSettings, run).inpainting_mask_weight
    if context.model.identity.variant != INPAINT or context.start is None or weight == 1.0:
        return conditioning
    pictures = decode_pictures(context.start, context, run)
    shown = [_channels(to_pixels(picture), weight, context, run) for picture in pictures]
    return [one.with_extra(CONCAT, channels) for one, channels in zip(conditioning, shown, strict=True)]


def _channels(pixels: torch.Tensor, weight: float, context: PassContext, run: Run) -> torch.Tensor:
    """(1 + C, h, w): a mask of ones, and the latent of the picture (1, 3, H, W) mixed with grey."""
    latent = encode_pixels(torch.lerp(pixels, torch.full_like(pixels, GREY), weight), context, run)[0]
    return torch.cat([torch.ones_like(latent[:1]), latent])
