"""Writes TAESD's files in the original's layout, for tests."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn


def write_original(network: nn.Module, path: Path, part: str) -> Path:
    """The half ``part`` of an AutoencoderTiny as github.com/madebyollin/taesd has it: its decoder counts the clamp before the layers."""
    state = {}
    for name, tensor in network.get_submodule(part).state_dict().items():
        _, number, rest = name.split(".", 2)
        state[f"{int(number) + (1 if part == 'decoder' else 0)}.{rest}"] = tensor
    if path.suffix == ".safetensors":
        save_file(state, str(path))
    else:
        torch.save(state, path)
    return path
