"""Writes small embeddings, for tests and tools."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor


def write_embedding(path: Path, widths: Mapping[str, int], vectors: int = 2, seed: int = 1) -> Path:
    """Random vectors by name ("emb_params", or "clip_l" and "clip_g") as a safetensors file; returns ``path``."""
    from safetensors.torch import save_file

    generator = torch.Generator().manual_seed(seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: torch.randn(vectors, width, generator=generator) for name, width in widths.items()}, str(path))
    return path


def write_a1111_embedding(path: Path, vectors: Tensor, step: int = 100) -> Path:
    """A pickle as A1111's training writes it; returns ``path``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "string_to_token": {"*": 265},
        "string_to_param": {"*": vectors},
        "name": path.stem,
        "step": step,
        "sd_checkpoint": "0123456789",
        "sd_checkpoint_name": "trained-on",
    }
    torch.save(content, path)
    return path
