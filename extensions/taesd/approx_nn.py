"""A1111's "Approx NN": eight convolutions from latents to a small picture, for previews.

Latents are doubled in size and padded by 11 with zeros, which the convolutions, without padding of their own, use up; each is followed by
a leaky ReLU of slope 0.1. The result is in -1..1, a quarter of the picture's size.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import torch
from torch import Tensor, nn

from app.api import ModelFileError, PassContext, Run, UserError, load_tensors
from extensions.live_preview.api import ToPixels
from extensions.taesd.files import FOLDER_KIND

NAMES: Mapping[str, str] = MappingProxyType({"sd1": "model", "sd2": "model", "sdxl": "vaeapprox-sdxl", "sdxl-refiner": "vaeapprox-sdxl"})
"""What the files are called, by the family of the checkpoint."""
LAYERS, MARGIN, SLOPE = 8, 11, 0.1


def approx_pixels(context: PassContext, run: Run) -> ToPixels:
    """Decodes latents for previews; raises UserError where the file is missing, or is another one."""
    family = context.model.identity.family
    name = NAMES.get(family)
    if name is None:
        raise UserError(f"There is no Approx NN for checkpoints of the family {family!r}.")
    record = next((record for record in run.host.models.records(FOLDER_KIND) if record.stem.lower() == name), None)
    if record is None:
        raise UserError(
            f"The file of Approx NN for this checkpoint is not here: models/VAE-approx/{name}.pt.",
            hint="Copy it from an A1111 installation, or choose another method.",
        )
    decoder = ApproximateDecoder(load_tensors(Path(record.path)), record.name).to(context.model.device)

    @torch.no_grad()
    def to_pixels(latents: Tensor) -> Tensor:
        pixels: Tensor = decoder(latents.to(context.model.device, torch.float32))
        return (pixels / 2 + 0.5).clamp(0.0, 1.0).cpu()

    return to_pixels


class ApproximateDecoder(nn.Module):
    """The network of a file's tensors ("conv1.weight" to "conv8.bias"); raises ModelFileError that names the file."""

    def __init__(self, tensors: Mapping[str, Tensor], name: str) -> None:
        super().__init__()
        wanted = [f"conv{number}.{kind}" for number in range(1, LAYERS + 1) for kind in ("weight", "bias")]
        if set(tensors) != set(wanted) or any(tensors[name].ndim != (4 if name.endswith("weight") else 1) for name in wanted):
            raise ModelFileError(f"{name} is no decoder of the kind Approx NN.")
        self.layers = nn.ModuleList(_convolution(tensors, f"conv{number}") for number in range(1, LAYERS + 1))
        self.requires_grad_(False)

    def forward(self, latents: Tensor) -> Tensor:
        """Latents (B, 4, h, w) -> pixels (B, 3, 2h, 2w) in about -1..1."""
        x = nn.functional.pad(nn.functional.interpolate(latents, scale_factor=2), [MARGIN] * 4)
        for layer in self.layers:
            x = nn.functional.leaky_relu(layer(x), SLOPE)
        return x


def _convolution(tensors: Mapping[str, Tensor], name: str) -> nn.Conv2d:
    weight, bias = tensors[f"{name}.weight"].float(), tensors[f"{name}.bias"].float()
    layer = nn.Conv2d(weight.shape[1], weight.shape[0], (weight.shape[2], weight.shape[3]))
    layer.load_state_dict({"weight": weight, "bias": bias})
    return layer
