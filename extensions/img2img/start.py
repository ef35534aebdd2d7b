"""The beginning of a pass from pictures: their latents, and what lies under the mask."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import interpolate

from app.api import PassContext, Run, encode_pixels, seed_noise
from extensions.img2img.state import Img2ImgJob

LATENT_NOISE, LATENT_NOTHING = 2, 3


class PictureStarter:
    """Fulfils PassStarter: the first pass begins with the pictures of the job."""

    needs_earlier = False

    def __init__(self, job: Img2ImgJob, run: Run, *, rounds_mask: bool) -> None:
        self._job = job
        self._run = run
        self._rounds_mask = rounds_mask

    def leave(self, latents: Tensor, context: PassContext) -> Tensor:
        """Nothing comes before the first pass."""
        return latents

    def enter(self, carried: Tensor | Sequence[Image.Image] | None, context: PassContext) -> Tensor:
        """Latents (B, C, h, w) of the batch's pictures; with them the latent mask is kept in the job."""
        job = self._job
        latents = torch.stack([self._latent(job.number_of(image.index), context) for image in context.images])
        job.latent_mask = None
        if job.mask is not None:
            job.latent_mask = latent_mask(job.mask.drawn, context, rounds=self._rounds_mask).to(latents.device)
            latents = self._under_the_mask(latents, job.latent_mask, context)
        job.original = latents
        return latents

    def _latent(self, number: int, context: PassContext) -> Tensor:
        """Latent (C, h, w) of one picture, encoded once a job; the mean of the VAE's posterior."""
        latents = self._job.latents
        if number not in latents:
            encoded = encode_pixels(to_pixels(self._job.pictures[number].shown), context, self._run).float()
            size = context.latent_shape[1:]
            latents[number] = (interpolate(encoded, size, mode="bilinear") if encoded.shape[2:] != size else encoded)[0]
        return latents[number]

    def _under_the_mask(self, latents: Tensor, mask: Tensor, context: PassContext) -> Tensor:
        content = self._job.params.inpainting_fill
        if content == LATENT_NOISE:
            return latents * (1 - mask) + seed_noise(context).to(latents.device) * mask
        return latents * (1 - mask) if content == LATENT_NOTHING else latents


def to_pixels(image: Image.Image) -> Tensor:
    """A picture ("RGB") -> (1, 3, H, W) in 0..1."""
    return torch.from_numpy(np.asarray(image, dtype=np.float32) / 255.0).permute(2, 0, 1)[None].contiguous()


def latent_mask(mask: Image.Image, context: PassContext, *, rounds: bool) -> Tensor:
    """The mask at the size of the latents, (1, 1, h, w), 1 = drawn; bicubic, then rounded to 0 or 1."""
    height, width = context.latent_shape[1:]
    small = np.asarray(mask.resize((width, height), Image.Resampling.BICUBIC), dtype=np.float32) / 255.0
    return torch.from_numpy(np.around(small) if rounds else small)[None, None]
