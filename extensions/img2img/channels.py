"""What checkpoints with more input channels see of the picture: inpainting (9 channels) and instruct-pix2pix (8 channels)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import interpolate

from app.api import ConditioningPart, ConditioningStep, ImageConditioning, PassContext, UserError
from extensions.img2img.resizing import ResizeMode, resize
from extensions.img2img.start import to_pixels
from extensions.img2img.state import Img2ImgJob

CONCAT = "concat"
"""Key of ``Conditioning.extra`` for the channels (C, h, w) that follow the noisy latent."""
INPAINT, PIX2PIX = "inpaint", "pix2pix"


def with_channels(
    conditioning: Sequence[ImageConditioning], context: PassContext, job: Img2ImgJob, *, rounds_mask: bool
) -> Sequence[ImageConditioning]:
    """The conditioning of a batch with the pictures in it, for checkpoints that look at them; unchanged for others."""
    job.variant = context.model.identity.variant
    if job.variant == INPAINT:
        return [
            _seeing(one, _inpainting_channels(job, job.number_of(image.index), context, rounds_mask=rounds_mask))
            for one, image in zip(conditioning, context.images, strict=True)
        ]
    if job.variant == PIX2PIX:
        return [
            _instructed(one, _instruction_channels(job, job.number_of(image.index), context), context, job)
            for one, image in zip(conditioning, context.images, strict=True)
        ]
    return conditioning


def _seeing(one: ImageConditioning, channels: Tensor) -> ImageConditioning:
    """All prompts of a picture with the same channels."""
    positive = tuple(replace(part, steps=_with(part.steps, channels)) for part in one.positive)
    return ImageConditioning(positive, _with(one.negative, channels))


def _with(steps: Sequence[ConditioningStep], channels: Tensor) -> tuple[ConditioningStep, ...]:
    return tuple(
        replace(step, conditioning=replace(step.conditioning, extra={**step.conditioning.extra, CONCAT: channels})) for step in steps
    )


def _inpainting_channels(job: Img2ImgJob, number: int, context: PassContext, *, rounds_mask: bool) -> Tensor:
    """(1 + C, h, w): the mask, and the latent of the picture with grey under the mask (Rombach et al. 2022, inpainting)."""
    key = (INPAINT, number)
    if key not in job.channels:
        size = (context.step.width_px, context.step.height_px)
        pixels = to_pixels(resize(job.pictures[number].shown, size, ResizeMode.STRETCH)) * 2 - 1
        mask = torch.ones(1, 1, size[1], size[0])
        if job.mask is not None:
            mask = torch.from_numpy(np.asarray(job.mask.drawn, dtype=np.float32) / 255.0)[None, None]
            mask = mask.round() if rounds_mask else mask
        hidden = torch.lerp(pixels, pixels * (1 - mask), job.settings.inpainting_mask_weight)
        latent = context.model.encode_images((hidden + 1) / 2)
        small = interpolate(mask, latent.shape[2:]).to(latent.device, latent.dtype)
        job.channels[key] = torch.cat([small, latent], dim=1)[0]
    return job.channels[key]


def _instruction_channels(job: Img2ImgJob, number: int, context: PassContext) -> Tensor:
    """(C, h, w): the picture's latent as the VAE gives it, not in sampling scale (Brooks et al. 2023, arXiv:2211.09800)."""
    key = (PIX2PIX, number)
    if key not in job.channels:
        size = (context.step.width_px, context.step.height_px)
        pixels = to_pixels(resize(job.pictures[number].shown, size, ResizeMode.STRETCH))
        job.channels[key] = context.model.encode_images(pixels)[0] / context.model.latent_scale
    return job.channels[key]


def _instructed(one: ImageConditioning, channels: Tensor, context: PassContext, job: Img2ImgJob) -> ImageConditioning:
    """Guidance by text and picture: uncond + cfg * (cond - imgcond) + image cfg * (imgcond - uncond).

    ``imgcond`` has the picture and the negative prompt, ``uncond`` the negative prompt alone. In terms of weighted parts over ``uncond``
    that is cond with the weight 1 and imgcond with (image cfg - cfg) / cfg.
    """
    image_cfg, cfg = job.params.image_cfg_scale, context.step.cfg_scale
    seeing = _seeing(one, channels)
    if image_cfg is None or image_cfg == 1.0:
        return seeing
    if len(one.positive) > 1:
        raise UserError("AND cannot be used with this checkpoint.", hint="Set the Image CFG Scale to 1, or take AND out.", field="prompt")
    if cfg == 0:
        raise UserError("With this checkpoint the CFG scale cannot be 0.", hint="Take a small one.", field="cfg_scale")
    text = replace(seeing.positive[0], weight=1.0)
    picture = ConditioningPart((image_cfg - cfg) / cfg, seeing.negative)
    return ImageConditioning((text, picture), _with(one.negative, torch.zeros_like(channels)), may_pause=False)
