"""Decodes and encodes with TAESD; the networks that were loaded last are kept."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from app.api import LoadedModel, PassContext, Run, StashKey
from extensions.live_preview.api import ToPixels
from extensions.taesd.files import Part, find_file
from extensions.taesd.network import load_part

if TYPE_CHECKING:
    from app.api import Host

Loaded = Mapping[Part, tuple[tuple[str, int, int], nn.Module]]
LOADED = StashKey[Loaded]("loaded TAESD")
ENCODED = StashKey[bool]("a picture was encoded by TAESD")
"""In the job's stash."""


def preview_pixels(context: PassContext, run: Run) -> ToPixels:
    """Decodes latents for previews; raises UserError where the file is missing."""
    decoder = network("decoder", context.model, run.host)
    return lambda latents: _pixels(decoder, latents, context.model)


def decoded(latents: Tensor, model: LoadedModel, host: Host) -> Tensor:
    """Latents (B, C, h, w) in sampling scale -> pixels (B, 3, H, W) in 0..1, float32 on the CPU; raises UserError without the file."""
    return _pixels(network("decoder", model, host), latents, model)


@torch.no_grad()
def encoded(pixels: Tensor, model: LoadedModel, run: Run) -> Tensor:
    """Pixels (B, 3, H, W) in 0..1 -> latents (B, C, h, w) in sampling scale; remembers it for the infotext. Raises UserError."""
    latents: Tensor = network("encoder", model, run.host)(pixels.to(model.device, torch.float32) * 2 - 1)
    run.stash[ENCODED] = True
    return latents


def network(part: Part, model: LoadedModel, host: Host) -> nn.Module:
    """The half of TAESD that is for the model, on its device."""
    record = find_file(part, model.identity.family, host)
    state = (record.path, record.size_bytes, record.mtime_ns)
    kept = host.stash.get(LOADED, {})
    if part not in kept or kept[part][0] != state:
        kept = host.stash[LOADED] = {**kept, part: (state, load_part(Path(record.path), part))}
    return kept[part][1].to(model.device)


@torch.no_grad()
def _pixels(decoder: nn.Module, latents: Tensor, model: LoadedModel) -> Tensor:
    rows = [decoder(latent[None].to(model.device, torch.float32)) for latent in latents]
    return (torch.cat(rows) / 2 + 0.5).clamp(0.0, 1.0).cpu()
