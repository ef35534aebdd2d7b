"""Loads TAESD from the original's files and from diffusers', as diffusers' network (github.com/madebyollin/taesd).

The original is one list of layers for each half, "1.weight". Its decoder begins with a clamp that has no weights and that diffusers does
outside of the list, so the numbers there are one less. Files that hold both halves name them before the number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from diffusers import AutoencoderTiny
from torch import Tensor, nn

from app.api import ModelFileError, load_tensors
from extensions.taesd.files import Part

_ORIGINAL = re.compile(r"(\d+)\.(.+)")
CLAMP_LAYERS = {"decoder": 1, "encoder": 0}


def load_part(path: Path, part: Part) -> nn.Module:
    """Decoder (latents in sampling scale -> pixels in -1..1) or encoder (the reverse), float32; raises ModelFileError."""
    state = diffusers_names(load_tensors(path), part)
    whole: Any = AutoencoderTiny()
    network: nn.Module = whole.get_submodule(part)
    try:
        network.load_state_dict({name: tensor.float() for name, tensor in state.items()})
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:200]
        raise ModelFileError(f"{path.name} is no {part} of TAESD: {reason}", hint="Take the files named in the README of TAESD.") from error
    return network.eval().requires_grad_(False)


def diffusers_names(tensors: Mapping[str, Tensor], part: Part) -> dict[str, Tensor]:
    """The tensors of one half, as diffusers' module names them ("layers.0.weight")."""
    inside = {name.removeprefix(f"{part}."): tensor for name, tensor in tensors.items() if name.startswith(f"{part}.")}
    own = inside or dict(tensors)
    if any(name.startswith("layers.") for name in own):
        return own
    renamed = {}
    for name, tensor in own.items():
        match = _ORIGINAL.fullmatch(name)
        renamed[f"layers.{int(match[1]) - CLAMP_LAYERS[part]}.{match[2]}" if match else name] = tensor
    return renamed
