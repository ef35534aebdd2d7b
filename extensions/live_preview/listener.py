"""Follows a sampling pass and sends a small picture now and then, never for more than a twentieth of the time."""

from __future__ import annotations

import base64
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from app.api import (
    DenoiseState,
    JobPreview,
    LoadedModel,
    PassContext,
    Run,
    Stash,
    StashKey,
    UserError,
    decode_pictures,
    is_out_of_memory,
)
from extensions.live_preview.api import ToPixels
from extensions.live_preview.fit import ColourMap, fit_colours, vae_mark
from extensions.live_preview.methods import other_methods
from extensions.live_preview.settings import CHEAP, FULL, LivePreviews

LARGEST_PX = 512
PAUSE_PER_COST = 20
QUALITY = 80
"""Of the formats that lose something."""
COLOUR_MAPS = StashKey[dict[tuple[float, ...], ColourMap]]("colour maps of live previews")


def make_listener(settings: LivePreviews, context: PassContext, run: Run) -> PreviewListener:
    """A listener for one pass; a method that is not there, or cannot work, is told in the result."""
    to_pixels = _method(settings.show_progress_type, context, run) or _colour_map(context.model, run)
    return PreviewListener(settings, to_pixels, context.model.downscale, run)


def _method(name: str, context: PassContext, run: Run) -> ToPixels | None:
    """What turns latents into pixels; None for the colour map."""
    if name == CHEAP:
        return None
    if name == FULL:
        return lambda latents: _decoded(latents, context, run)
    method = other_methods(run.host).get(name)
    try:
        return method.make(context, run) if method else _unknown(name)
    except UserError as error:
        run.comment(f"Live previews were made by {CHEAP!r}. {error}")
    return None


def _unknown(name: str) -> ToPixels:
    raise UserError(f"Live previews by {name!r} cannot be made here.")


@dataclass
class PreviewListener:
    """Sends previews of one pass; ``to_pixels``: latents (B, C, h, w) -> (B, 3, H, W) in 0..1, of any size."""

    settings: LivePreviews
    to_pixels: ToPixels
    downscale: int
    run: Run
    clock: Callable[[], float] = time.monotonic
    _next_at: float = field(default=0.0, init=False)
    _failed: bool = field(default=False, init=False)

    def begin(self, latents: Tensor, state: DenoiseState) -> None:
        """Nothing to show yet."""

    def before_model(self, x: Tensor, state: DenoiseState) -> Tensor:
        """Leave it."""
        return x

    def after_model(self, denoised: Tensor, state: DenoiseState) -> Tensor:
        """Leave it."""
        return denoised

    def after_step(self, denoised: Tensor, state: DenoiseState) -> None:
        """Send a preview if it is time for one."""
        started = self.clock()
        last = state.step + 1 >= state.steps
        if last or self._failed or (state.step + 1) % self.settings.show_progress_every_n_steps or started < self._next_at:
            return
        shown = denoised if self.settings.show_progress_grid else denoised[:1]
        size = (denoised.shape[3] * self.downscale, denoised.shape[2] * self.downscale)
        pixels = self._pixels(shown)
        if pixels is None:
            return
        self.run.report(preview(self.run.job.id, pixels, size, self.settings.live_previews_image_format))
        ended = self.clock()
        self._next_at = ended + max(self.settings.live_preview_refresh_period / 1000, PAUSE_PER_COST * (ended - started))

    def end(self, latents: Tensor) -> Tensor:
        """Leave it."""
        return latents

    def _pixels(self, latents: Tensor) -> Tensor | None:
        """Pixels to show; None when they cannot be had, and then there are no more previews: the picture itself may still be drawn."""
        try:
            return self.to_pixels(latents)
        except (UserError, RuntimeError, MemoryError) as error:
            if not isinstance(error, UserError) and not is_out_of_memory(error):
                raise
            reason = error.what if isinstance(error, UserError) else "The memory was not enough for them."
        self._failed = True
        self.run.comment(f"Live previews were left out. {reason}")
        return None


def preview(job_id: str, pixels: Tensor, size_px: tuple[int, int], image_format: str = "jpeg") -> JobPreview:
    """The event for pixels (B, 3, h, w) of pictures of this size; several make a sheet."""
    pictures = [_picture(one, size_px) for one in pixels]
    columns = math.ceil(math.sqrt(len(pictures)))
    width, height = pictures[0].size
    sheet = Image.new("RGB", (columns * width, math.ceil(len(pictures) / columns) * height))
    for index, picture in enumerate(pictures):
        sheet.paste(picture, (index % columns * width, index // columns * height))
    if max(sheet.size) > LARGEST_PX:
        sheet.thumbnail((LARGEST_PX, LARGEST_PX))
    stream = BytesIO()
    sheet.save(stream, image_format, quality=QUALITY)
    data = base64.b64encode(stream.getvalue()).decode("ascii")
    return JobPreview(job_id=job_id, data=data, mime=f"image/{image_format}", width_px=sheet.width, height_px=sheet.height)


def _picture(pixels: Tensor, size_px: tuple[int, int]) -> Image.Image:
    """Pixels (3, h, w) -> a picture of this size, or smaller at the same ratio."""
    levels = (pixels.nan_to_num().clamp(0, 1) * 255).to(torch.uint8).permute(1, 2, 0).cpu()
    scale = min(1.0, LARGEST_PX / max(size_px))
    width, height = (max(1, round(side * scale)) for side in size_px)
    return Image.fromarray(levels.contiguous().numpy(), "RGB").resize((width, height), Image.Resampling.BICUBIC)


def _decoded(latents: Tensor, context: PassContext, run: Run) -> Tensor:
    """Latents (B, C, h, w) -> pixels (B, 3, H, W) by the VAE, a picture at a time, in parts where the memory is short."""
    pictures = decode_pictures(latents, context, run)
    return torch.from_numpy(np.stack([np.asarray(picture) for picture in pictures])).permute(0, 3, 1, 2) / 255


def _colour_map(model: LoadedModel, run: Run) -> ColourMap:
    """The model's colour map, fitted when its VAE is seen for the first time."""
    stash: Stash = run.host.stash
    if COLOUR_MAPS not in stash:
        stash[COLOUR_MAPS] = {}
    maps = stash[COLOUR_MAPS]
    mark = vae_mark(model)
    if mark not in maps:
        maps[mark] = fit_colours(model)
    return maps[mark]
