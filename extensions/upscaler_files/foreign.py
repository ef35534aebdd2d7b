"""Networks of other architectures, by the package spandrel where it is installed."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from torch import Tensor, nn

from app.api import load_tree
from extensions.upscaler_files.files import SPANDREL, refused
from extensions.upscaler_files.layout import Layout
from extensions.upscaler_files.loaded import Network


class _Called(nn.Module):
    """A model of spandrel's as a module."""

    def __init__(self, model: nn.Module, call: object) -> None:
        super().__init__()
        self.model, self._call = model, call

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, h, w) to (B, C, scale h, scale w)."""
        return self._call(x)  # type: ignore[operator, no-any-return]


def load_foreign(path: str, layout: Layout | None, device: str) -> Network:
    """Read the file's tensors safely and have spandrel find the architecture; raises ModelFileError that names the file."""
    spandrel = import_module(SPANDREL)

    tree = load_tree(Path(path))
    try:
        descriptor = spandrel.ModelLoader(device=device).load_from_state_dict(tree)
    except (spandrel.UnsupportedModelError, RuntimeError, KeyError, ValueError) as error:
        raise refused(path, f"spandrel does not know it ({error or type(error).__name__})") from error
    if not isinstance(descriptor, spandrel.ImageModelDescriptor) or descriptor.input_channels != descriptor.output_channels:
        raise refused(path, f"it is a {descriptor.architecture.name} network, which does not enlarge pictures")
    descriptor.eval()
    module = _Called(descriptor.model, descriptor).requires_grad_(requires_grad=False)
    return Network(module, descriptor.scale, descriptor.input_channels, 1)
