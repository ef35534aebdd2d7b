"""What inpainting checkpoints see in the second pass where the settings let them see something: the enlarged picture, paler."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image

from app.api import ImageConditioning, PassContext, Run, StashKey, encode_pixels

CONCAT = "concat"
"""Key of ``Conditioning.extra`` for the channels (C, h, w) that follow the noisy latent."""
INPAINT = "inpaint"
MASK_WEIGHT = "inpainting_mask_weight"
GREY = 0.5
ENLARGED = StashKey[Sequence[Image.Image]]("enlarged pictures of hires fix")
"""In ``run.stash``: what the second pass of the running batch begins with ("RGB"), nothing cut off."""


def sees_the_picture(context: PassContext, run: Run) -> bool:
    """True for an inpainting checkpoint whose mask hides less than everything; without a picture it sees grey."""
    return context.model.identity.variant == INPAINT and _weight(run) < 1


def with_pictures(
    conditioning: Sequence[ImageConditioning], context: PassContext, kept: tuple[slice, slice], run: Run
) -> Sequence[ImageConditioning]:
    """The conditioning of the second pass with a mask of ones and the latents of the pictures, as much towards grey as they are hidden."""
    if ENLARGED not in run.stash or not sees_the_picture(context, run):
        return conditioning
    levels = np.stack([np.asarray(picture, dtype=np.float32) / 255.0 for picture in run.stash[ENLARGED]])
    pixels = torch.from_numpy(levels).permute(0, 3, 1, 2)
    latents = encode_pixels(torch.lerp(pixels, torch.tensor(GREY), _weight(run)), context, run)[:, :, kept[0], kept[1]]
    channels = torch.cat([torch.ones_like(latents[:, :1]), latents], dim=1)
    return [one.with_extra(CONCAT, channels[place]) for place, one in enumerate(conditioning)]


def _weight(run: Run) -> float:
    weight = run.settings.get(MASK_WEIGHT, 1.0)
    return float(weight) if isinstance(weight, int | float) else 1.0
