"""Finished latents -> pictures, one at a time until somebody stops it; one that comes out empty is tried again in full precision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from PIL import Image
from torch import Tensor

from app.contracts import LoadedModel, Run, RunImage
from app.errors import JobStopped
from app.generation.denoise import no_number
from app.generation.run_helpers import GenerationRun
from app.values.model import VAE_PART
from app.values.plan import ImagePlan

AUTO_PRECISION_SETTING = "auto_vae_precision"


@dataclass(frozen=True)
class Decoded:
    """The pictures of a batch; ``stopped``: somebody ended it before the last of them."""

    images: tuple[RunImage, ...]
    stopped: Literal["", "skip", "interrupt"] = ""


def decode(latents: Tensor, images: tuple[ImagePlan, ...], model: LoadedModel, run: GenerationRun) -> Decoded:
    """Decode latents (B, C, h, w); raises UserError when the VAE returns NaN, JobStopped for a cancel between two pictures."""
    done: list[RunImage] = []
    with torch.no_grad():
        for place, image in enumerate(images):
            try:
                if done:
                    run.control.check()
            except JobStopped as stop:
                if stop.kind == "cancel":
                    raise
                return Decoded(tuple(done), stop.kind)
            done.append(RunImage(image.index, to_image(decode_pixels(latents[place : place + 1], model, run))))
    return Decoded(tuple(done))


def to_image(pixels: Tensor) -> Image.Image:
    """Pixels (1, 3, H, W) in 0..1 -> an RGB picture; fractions of a level are cut off, not rounded."""
    levels = (pixels[0].float().clamp(0, 1) * 255.0).to(torch.uint8)
    return Image.fromarray(levels.permute(1, 2, 0).cpu().numpy(), "RGB")


def decode_pixels(latents: Tensor, model: LoadedModel, run: Run) -> Tensor:
    """Latents (B, C, h, w) -> pixels (B, 3, H, W) in 0..1, in full precision where the half one gives NaN."""
    pixels = model.decode(latents)
    if not run.host.options.nan_check or not bool(torch.isnan(pixels).any()):
        return pixels
    vae = model.modules().get(VAE_PART)
    if vae is not None and run.settings.get(AUTO_PRECISION_SETTING, True) and next(vae.parameters()).dtype is not torch.float32:
        vae.float()
        run.comment("The VAE returned values that are not numbers in half precision; it works in full precision from here on.")
        pixels = model.decode(latents)
    if bool(torch.isnan(pixels).any()):
        raise no_number("The VAE", "Start with --no-half-vae, or choose another VAE or checkpoint.")
    return pixels
