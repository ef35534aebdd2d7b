"""Writes small LoRA files for the layers of a model, for tests and tools."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

RANK = 2
PREFIXES = {"unet": "lora_unet_", "text_encoder": "lora_te_"}


def write_lora(
    path: Path,
    modules: Mapping[str, nn.Module],
    layers: Iterable[str],
    *,
    rank: int = 2,
    size: float = 0.2,
    metadata: Mapping[str, str] | None = None,
) -> Path:
    """A random LoRA by kohya's names for ``layers`` ("unet.conv_in"), each product about ``size`` of a unit weight; returns ``path``."""
    from safetensors.torch import save_file

    generator = torch.Generator().manual_seed(len(path.stem))
    tensors: dict[str, Tensor] = {}
    for layer in layers:
        part, _, name = layer.partition(".")
        weight = modules[part].get_submodule(name).get_parameter("weight")
        down = torch.randn((RANK, *weight.shape[1:]), generator=generator)
        up = torch.randn((weight.shape[0], RANK, *[1] * (weight.ndim - 2)), generator=generator)
        key = PREFIXES[part] + name.replace(".", "_")
        tensors |= {f"{key}.lora_down.weight": down, f"{key}.lora_up.weight": up * (size / RANK), f"{key}.alpha": torch.tensor(float(RANK))}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, str(path), dict(metadata or {}))
    return path
