"""Finished latents -> pictures, one at a time until somebody stops it; in tiles where memory is short, in float32 where half fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from PIL import Image
from torch import Tensor

from app.contracts import LoadedModel, RunImage
from app.errors import JobStopped
from app.generation.denoise import no_number
from app.generation.ladder import Rung, climb_down
from app.generation.run_helpers import GenerationRun
from app.values.plan import ImagePlan

AUTO_PRECISION_SETTING = "auto_vae_precision"
TILE_SIDES_PX = (1024, 512, 256)
"""Of the tiles that a picture is decoded in when it is too large for the memory, tried in this order."""


@dataclass(frozen=True)
class Decoded:
    """The pictures of a batch; ``stopped``: somebody ended it before the last of them."""

    images: tuple[RunImage, ...]
    stopped: Literal["", "skip", "interrupt"] = ""


def decode(latents: Tensor, images: tuple[ImagePlan, ...], model: LoadedModel, run: GenerationRun) -> Decoded:
    """Decode latents (B, C, h, w); raises UserError when the VAE returns NaN, JobStopped for a cancel between two pictures or tiles."""
    done: list[RunImage] = []
    with torch.no_grad():
        for place, image in enumerate(images):
            try:
                if done:
                    run.control.check()
                pixels = _pixels(latents[place : place + 1], model, run)
            except JobStopped as stop:
                if stop.kind == "cancel":
                    raise
                return Decoded(tuple(done), stop.kind)
            done.append(RunImage(image.index, to_image(pixels)))
    return Decoded(tuple(done))


def to_image(pixels: Tensor) -> Image.Image:
    """Pixels (1, 3, H, W) in 0..1 -> an RGB picture; fractions of a level are cut off, not rounded."""
    levels = (pixels[0].float().clamp(0, 1) * 255.0).to(torch.uint8)
    return Image.fromarray(levels.permute(1, 2, 0).cpu().numpy(), "RGB")


def _pixels(latents: Tensor, model: LoadedModel, run: GenerationRun) -> Tensor:
    pixels = _decoded(latents, model, run)
    if not run.host.options.nan_check or not bool(torch.isnan(pixels).any()):
        return pixels
    if run.settings.get(AUTO_PRECISION_SETTING, True) and model.lift_precision("decode"):
        run.comment("The VAE returned values that are not numbers in half precision; it works in full precision from here on.")
        pixels = _decoded(latents, model, run)
    if bool(torch.isnan(pixels).any()):
        raise no_number("The VAE", "Start with --no-half-vae, or choose another VAE or checkpoint.")
    return pixels


def _decoded(latents: Tensor, model: LoadedModel, run: GenerationRun) -> Tensor:
    """One latent (1, C, h, w) as a whole, or in tiles where the memory is short; between tiles it can be stopped."""
    height_px, width_px = (side * model.downscale for side in latents.shape[2:])
    whole = Rung(lambda: model.decode(latents), model.working_bytes("decode", width_px, height_px))
    tiled = [_tiled(latents, side, model, run) for side in TILE_SIDES_PX if side < max(height_px, width_px)]
    return climb_down([whole, *tiled], str(model.device), run.comment)[1]


def _tiled(latents: Tensor, side_px: int, model: LoadedModel, run: GenerationRun) -> Rung[Tensor]:
    return Rung(
        lambda: model.decode_tiled(latents, side_px, run.control.check),
        model.working_bytes("decode", side_px, side_px),
        f"To save memory the picture was decoded in tiles of {side_px} pixels, which differ a little from the whole.",
    )
