"""Loads networks from files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import nn

from app.api import load_tensors, read_header
from extensions.upscaler_files.files import has_spandrel, refused
from extensions.upscaler_files.layout import Layout, layout_of
from extensions.upscaler_files.networks import network_of

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Network:
    """A network in float32: factor, channels, and of what its sides must be multiples."""

    module: nn.Module
    scale: int
    channels: int
    multiple: int


def load_network(path: str, device: str) -> Network:
    """Read a file; raises ModelFileError that names it."""
    layout = layout_of(read_header(Path(path)))
    if layout is None and not has_spandrel():
        raise refused(path, "it is of no architecture that is known here")
    if layout is None or layout.family == "other":
        if layout is not None and not has_spandrel():
            raise refused(
                path, f"it is a {layout.title if layout else ''} network, for which the Python package spandrel must be installed"
            )
        from extensions.upscaler_files.foreign import load_foreign

        return load_foreign(path, layout, device)
    module = network_of(layout)
    module.load_state_dict(_weights(path, layout, module), assign=True)
    return Network(module.eval().requires_grad_(requires_grad=False).to(device), layout.scale, layout.channels, layout.shuffle)


def _weights(path: str, layout: Layout, module: nn.Module) -> Mapping[str, Tensor]:
    """The tensors by the names of the network, float32; raises ModelFileError for one that is missing or of another shape."""
    names, wanted = layout.names or {}, module.state_dict()
    missing = next((name for name in wanted if name not in names), None)
    if missing is not None:
        raise refused(path, f"the tensor {missing} is missing")
    tensors = load_tensors(Path(path), [layout.prefix + names[name] for name in wanted])
    found = {name: tensors[layout.prefix + names[name]] for name in wanted}
    for name, tensor in found.items():
        if tensor.shape != wanted[name].shape:
            raise refused(path, f"the tensor {names[name]} has the shape {tuple(tensor.shape)} in place of {tuple(wanted[name].shape)}")
        if not torch.isfinite(tensor).all():
            raise refused(path, f"the tensor {names[name]} holds numbers that are none (NaN)")
    return {name: tensor.to(torch.float32).contiguous() for name, tensor in found.items()}
