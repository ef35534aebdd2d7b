"""Writes the trained parts as one SD1 single-file checkpoint in half precision, with modelspec metadata."""

from __future__ import annotations

import os
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

from .renderer import NATIVE_SIZE_PX, TAGS

PREFIXES = {
    "unet": "model.diffusion_model.",
    "vae": "first_stage_model.",
    "text": "cond_stage_model.transformer.text_model.",
}
LARGEST_FILE_BYTES = 36_000_000


def metadata() -> dict[str, str]:
    """The modelspec fields of the demo checkpoint."""
    tags = ", ".join(TAGS)
    return {
        "modelspec.sai_model_spec": "1.0.1",
        "modelspec.architecture": "stable-diffusion-v1",
        "modelspec.implementation": "https://github.com/CompVis/stable-diffusion",
        "modelspec.title": "Paintbox demo",
        "modelspec.author": "Paintbox contributors",
        "modelspec.description": "Draws small picture-book landscapes from comma-separated tags. "
        "Trained from scratch on rendered pictures by tools/demo_model.",
        "modelspec.resolution": f"{NATIVE_SIZE_PX}x{NATIVE_SIZE_PX}",
        "modelspec.license": "Apache-2.0",
        "modelspec.prediction_type": "epsilon",
        "modelspec.usage_hint": "2 to 5 tags, 20 steps, CFG 6, 128x128",
        "modelspec.trigger_phrase": tags,
        "modelspec.tags": tags,
        "format": "pt",
    }


def export_checkpoint(parts: dict[str, nn.Module], path: Path) -> int:
    """Writes the checkpoint atomically and returns its size in bytes; `parts` has the keys of PREFIXES."""
    tensors = {
        PREFIXES[part] + name: tensor.detach().to(torch.float16).contiguous()
        for part, module in parts.items()
        for name, tensor in module.state_dict().items()
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    save_file(tensors, partial, metadata())
    partial.chmod(0o644)
    size = partial.stat().st_size
    if size > LARGEST_FILE_BYTES:
        raise ValueError(f"{path.name} would have {size} bytes, more than {LARGEST_FILE_BYTES}")
    os.replace(partial, path)
    return size
