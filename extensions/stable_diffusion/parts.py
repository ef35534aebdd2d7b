"""Builds the parts of a model without random weights and fills them from a file: whole, or not at all."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn

from app.api import ModelFileError

logger = logging.getLogger(__name__)
SHOWN = 3


@dataclass(frozen=True)
class Place:
    """Where weights are put, and how those of convolutions lie in memory there."""

    device: torch.device
    layout: torch.memory_format


def build_empty(make: Callable[[], nn.Module]) -> nn.Module:
    """A module whose parameters have shapes but no storage."""
    with torch.device("meta"):
        module = make()
    return module.eval().requires_grad_(False)


def fill(module: nn.Module, state: Mapping[str, Tensor], *, part: str, place: Place, dtype: torch.dtype) -> None:
    """Put ``state`` into an empty module, converted and copied; raises ModelFileError (without the file's name) if anything lacks.

    Tensors that the module does not know are ignored.
    """
    wanted = {name: tensor.shape for name, tensor in module.state_dict().items()}
    _check(wanted, state, part)
    unknown = [name for name in state if name not in wanted]
    if unknown:
        logger.debug("%s: ignoring %d unknown tensors, %s ...", part, len(unknown), unknown[0])
    ready = {name: _placed(state[name], place, dtype) for name in wanted}
    module.load_state_dict(ready, strict=True, assign=True)
    _restore_buffers(module, place.device)
    module.requires_grad_(False)


def _check(wanted: Mapping[str, torch.Size], state: Mapping[str, Tensor], part: str) -> None:
    missing = [name for name in wanted if name not in state]
    if missing:
        shown = ", ".join(missing[:SHOWN])
        raise ModelFileError(f"its {part} lacks {len(missing)} of {len(wanted)} tensors: {shown}{' ...' if len(missing) > SHOWN else ''}")
    wrong = [name for name, shape in wanted.items() if state[name].shape != shape]
    if wrong:
        name = wrong[0]
        sizes = f"{name} is {tuple(state[name].shape)}, not {tuple(wanted[name])}"
        raise ModelFileError(f"its {part} has {len(wrong)} tensors of a wrong size: {sizes}")


def _placed(tensor: Tensor, place: Place, dtype: torch.dtype) -> Tensor:
    """A copy of its own: the mapped file may change or vanish later."""
    layout = place.layout if tensor.ndim == 4 else torch.contiguous_format
    return tensor.to(device=place.device, dtype=dtype, copy=True, memory_format=layout)


def _restore_buffers(module: nn.Module, device: torch.device) -> None:
    """Buffers that are no part of the state: CLIP's position ids are the only ones."""
    for owner in module.modules():
        for name, buffer in list(owner.named_buffers(recurse=False)):
            if not buffer.is_meta:
                continue
            if name != "position_ids":
                raise ModelFileError(f"a buffer {name!r} of this version of transformers is not known")
            owner.register_buffer(name, torch.arange(buffer.shape[-1], device=device).expand(buffer.shape), persistent=False)


def config_of(module: nn.Module) -> Mapping[str, Any]:
    """The configuration that a diffusers module was built with."""
    return cast("Mapping[str, Any]", module.config)


def module_bytes(modules: Mapping[str, nn.Module]) -> int:
    """Bytes of all parameters and buffers."""
    tensors: dict[int, int] = {}
    for module in modules.values():
        for tensor in (*module.parameters(), *module.buffers()):
            tensors[id(tensor)] = tensor.numel() * tensor.element_size()
    return sum(tensors.values())


def parameter_count(module: nn.Module) -> int:
    """Number of weights."""
    return sum(parameter.numel() for parameter in module.parameters())
