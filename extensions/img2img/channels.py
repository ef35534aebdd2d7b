"""What checkpoints with more input channels see of the picture: inpainting (9 channels) and instruct-pix2pix (8 channels)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import interpolate

from app.api import ConditioningPart, ImageConditioning, PassContext, Run, UserError, encode_pixels
from extensions.img2img.resizing import ResizeMode, resize
from extensions.img2img.start import to_pixels
from extensions.img2img.state import Img2ImgJob

CONCAT = "concat"
"""Key of ``Conditioning.extra`` for the channels (C, h, w) that follow the noisy latent."""
INPAINT, PIX2PIX = "inpaint", "pix2pix"


class PictureChannels:
    """What the model of one pass sees of the pictures of the job."""

    def __init__(self, job: Img2ImgJob, context: PassContext, run: Run, *, rounds_mask: bool) -> None:
        self._job = job
        self._context = context
        self._run = run
        self._rounds_mask = rounds_mask

    def added_to(self, conditioning: Sequence[ImageConditioning]) -> Sequence[ImageConditioning]:
        """The conditioning of a batch with the pictures in it, for checkpoints that look at them; unchanged for others."""
        job, images = self._job, self._context.images
        job.variant = self._context.model.identity.variant
        numbered = [(one, job.number_of(image.index)) for one, image in zip(conditioning, images, strict=True)]
        if job.variant == INPAINT:
            return [one.with_extra(CONCAT, self._inpainting(number)) for one, number in numbered]
        if job.variant == PIX2PIX:
            return [_instructed(one, self._instruction(number), self._context, job) for one, number in numbered]
        return conditioning

    def _inpainting(self, number: int) -> Tensor:
        """(1 + C, h, w): the mask, and the latent of the picture with grey under the mask (Rombach et al. 2022, inpainting)."""
        job, key = self._job, (INPAINT, number)
        if key not in job.channels:
            pixels = self._pixels(number) * 2 - 1
            mask = torch.ones(1, 1, *pixels.shape[2:])
            if job.mask is not None:
                mask = torch.from_numpy(np.asarray(job.mask.drawn, dtype=np.float32) / 255.0)[None, None]
                mask = mask.round() if self._rounds_mask else mask
            hidden = torch.lerp(pixels, pixels * (1 - mask), job.settings.inpainting_mask_weight)
            latent = encode_pixels((hidden + 1) / 2, self._context, self._run)
            small = interpolate(mask, latent.shape[2:]).to(latent.device, latent.dtype)
            job.channels[key] = torch.cat([small, latent], dim=1)[0]
        return job.channels[key]

    def _instruction(self, number: int) -> Tensor:
        """(C, h, w): the picture's latent as the VAE gives it, not in sampling scale (Brooks et al. 2023, arXiv:2211.09800)."""
        job, key = self._job, (PIX2PIX, number)
        if key not in job.channels:
            job.channels[key] = encode_pixels(self._pixels(number), self._context, self._run)[0] / self._context.model.latent_scale
        return job.channels[key]

    def _pixels(self, number: int) -> Tensor:
        """The start picture (1, 3, H, W) at the size of the drawing, in 0..1."""
        size = (self._context.step.width_px, self._context.step.height_px)
        return to_pixels(resize(self._job.pictures[number].shown, size, ResizeMode.STRETCH))


def _instructed(one: ImageConditioning, channels: Tensor, context: PassContext, job: Img2ImgJob) -> ImageConditioning:
    """Guidance by text and picture: uncond + cfg * (cond - imgcond) + image cfg * (imgcond - uncond).

    ``imgcond`` has the picture and the negative prompt, ``uncond`` the negative prompt alone. In terms of weighted parts over ``uncond``
    that is cond with the weight 1 and imgcond with (image cfg - cfg) / cfg.
    """
    image_cfg, cfg = job.params.image_cfg_scale, context.step.cfg_scale
    seeing = one.with_extra(CONCAT, channels)
    if image_cfg is None or image_cfg == 1.0:
        return seeing
    if len(one.positive) > 1:
        raise UserError("AND cannot be used with this checkpoint.", hint="Set the Image CFG Scale to 1, or take AND out.", field="prompt")
    if cfg == 0:
        raise UserError("With this checkpoint the CFG scale cannot be 0.", hint="Take a small one.", field="cfg_scale")
    text = replace(seeing.positive[0], weight=1.0)
    picture = ConditioningPart((image_cfg - cfg) / cfg, seeing.negative)
    return ImageConditioning((text, picture), one.with_extra(CONCAT, torch.zeros_like(channels)).negative, may_pause=False)
