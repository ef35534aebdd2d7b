"""Finished latents -> pictures, one at a time until somebody stops it; in parts where memory is short, in float32 where half fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from PIL import Image
from torch import Tensor

from app import hookspecs
from app.contracts import LoadedModel, Run, RunImage, WorkingTask
from app.errors import JobStopped
from app.generation.careful_vae import without_nan
from app.generation.denoise import no_number
from app.generation.ladder import Rung, climb_down, with_offload
from app.generation.run_helpers import GenerationRun
from app.generation.scratch import scratch_in, scratch_on
from app.values.plan import ImagePlan

TASKS: tuple[WorkingTask, ...] = ("decode", "decode_in_parts")
IN_PARTS = "To save memory the picture was decoded a few rows at a time, which is slower."
IN_FILES = "To save memory the picture was decoded a few rows at a time, with what it was made from on the disk, which is slow."


@dataclass(frozen=True)
class Decoded:
    """The pictures of a batch; ``stopped``: somebody ended it before the last of them."""

    images: tuple[RunImage, ...]
    stopped: Literal["", "skip", "interrupt"] = ""


def decode(latents: Tensor, images: tuple[ImagePlan, ...], model: LoadedModel, run: GenerationRun) -> Decoded:
    """Decode latents (B, C, h, w); raises UserError when the VAE returns NaN, JobStopped for a cancel between two pictures or parts."""
    done: list[RunImage] = []
    with torch.no_grad():
        for place, image in enumerate(images):
            try:
                if done:
                    run.control.check()
                pixels = decode_pixels(latents[place : place + 1], model, run)
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


def decode_pixels(latents: Tensor, model: LoadedModel, run: Run) -> Tensor:
    """One latent (1, C, h, w) -> pixels (1, 3, H, W) in 0..1, in full precision where the half one gives NaN."""
    if run.host.options.nan_check and not bool(torch.isfinite(latents).all()):
        raise no_number("The model", "Use another sampler, or a lower CFG scale.")
    other = run.host.hooks.first(hookspecs.decode_latents, strict=True, latents=latents, model=model, run=run)
    if other is not None:
        pixels: Tensor = other.value
        return pixels
    return without_nan("decode", lambda: _decoded(latents, model, run), model, run)


def _decoded(latents: Tensor, model: LoadedModel, run: Run) -> Tensor:
    """One latent (1, C, h, w) at once, or in parts where the memory is short; between parts it can be stopped."""
    device, control = str(model.device), run.control
    height_px, width_px = (side * model.downscale for side in latents.shape[2:])
    needed = {task: model.working_bytes(task, width_px, height_px) for task in TASKS}
    with scratch_in(run.host.paths.data / "tmp" / "scratch") as files:
        rungs = [
            Rung(lambda: model.decode(latents), needed["decode"]),
            Rung(lambda: model.decode_in_parts(latents, scratch_on(device), control.check), needed["decode_in_parts"], IN_PARTS),
            Rung(lambda: model.decode_in_parts(latents, files, control.check), 0, IN_FILES),
        ]
        return with_offload(lambda: climb_down(rungs, device, run.comment)[1], model, run.comment)
