"""Finished latents -> pictures, one at a time, with a second try in full precision when a picture comes out empty."""

from __future__ import annotations

import torch
from PIL import Image
from torch import Tensor

from app.contracts import LoadedModel, RunImage
from app.generation.denoise import no_number
from app.generation.run_helpers import GenerationRun
from app.values.plan import ImagePlan

AUTO_PRECISION_SETTING = "auto_vae_precision"
VAE = "vae"


def decode(latents: Tensor, images: tuple[ImagePlan, ...], model: LoadedModel, run: GenerationRun) -> tuple[RunImage, ...]:
    """Decode latents (B, C, h, w); raises UserError when the VAE returns NaN."""
    with torch.no_grad():
        return tuple(RunImage(image.index, to_image(_pixels(latents[i : i + 1], model, run))) for i, image in enumerate(images))


def to_image(pixels: Tensor) -> Image.Image:
    """Pixels (1, 3, H, W) in 0..1 -> an RGB picture; fractions of a level are cut off, not rounded."""
    levels = (pixels[0].float().clamp(0, 1) * 255.0).to(torch.uint8)
    return Image.fromarray(levels.permute(1, 2, 0).cpu().numpy(), "RGB")


def _pixels(latents: Tensor, model: LoadedModel, run: GenerationRun) -> Tensor:
    pixels = model.decode(latents)
    if not bool(torch.isnan(pixels).any()):
        return pixels
    vae = model.modules().get(VAE)
    if vae is not None and run.settings.get(AUTO_PRECISION_SETTING, True) and next(vae.parameters()).dtype is not torch.float32:
        vae.float()
        run.comment("The VAE returned values that are not numbers in half precision; it works in full precision from here on.")
        pixels = model.decode(latents)
    if bool(torch.isnan(pixels).any()):
        raise no_number("The VAE", "Start with --no-half-vae, or choose another VAE or checkpoint.")
    return pixels
