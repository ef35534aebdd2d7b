"""Pictures -> latents: in parts where memory is short, in float32 where half precision fails."""

from __future__ import annotations

import torch
from torch import Tensor

from app import hookspecs
from app.contracts import LoadedModel, Run, WorkingTask
from app.generation.careful_vae import without_nan
from app.generation.ladder import Rung, climb_down
from app.generation.scratch import scratch_in, scratch_on
from app.stash import StashKey

ENCODED = StashKey[bool]("pictures were encoded")
TASKS: tuple[WorkingTask, ...] = ("encode", "encode_in_parts")
IN_PARTS = "To save memory the picture was encoded a few rows at a time, which is slower."
IN_FILES = "To save memory the picture was encoded a few rows at a time, with what it was made from on the disk, which is slow."


def encode_pixels(pixels: Tensor, model: LoadedModel, run: Run) -> Tensor:
    """Pixels (B, 3, H, W) in 0..1 -> latents (B, C, h, w), the posterior's mean, one picture at a time.

    Raises UserError when the VAE returns NaN in full precision too, JobStopped between two pictures or parts.
    """
    latents = []
    with torch.no_grad():
        for place in range(len(pixels)):
            if place:
                run.control.check()
            latents.append(_one(pixels[place : place + 1], model, run))
    return torch.cat(latents)


def _one(pixels: Tensor, model: LoadedModel, run: Run) -> Tensor:
    """One picture, in full precision where the half one gives NaN."""
    run.stash[ENCODED] = True
    other = run.host.hooks.first(hookspecs.encode_pixels, strict=True, pixels=pixels, model=model, run=run)
    if other is not None:
        latent: Tensor = other.value
        return latent
    return without_nan("encode", lambda: _encoded(pixels, model, run), model, run)


def _encoded(pixels: Tensor, model: LoadedModel, run: Run) -> Tensor:
    """At once, or in parts where the memory is short; between parts it can be stopped."""
    device, control = str(model.device), run.control
    height_px, width_px = pixels.shape[2:]
    needed = {task: model.working_bytes(task, width_px, height_px) for task in TASKS}
    with scratch_in(run.host.paths.data / "tmp" / "scratch") as files:
        rungs = [
            Rung(lambda: model.encode_images(pixels), needed["encode"]),
            Rung(lambda: model.encode_in_parts(pixels, scratch_on(device), control.check), needed["encode_in_parts"], IN_PARTS),
            Rung(lambda: model.encode_in_parts(pixels, files, control.check), 0, IN_FILES),
        ]
        return climb_down(rungs, device, run.comment)[1]
