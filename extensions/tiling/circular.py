"""Lets the convolutions of a model wrap around the edges."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn

from app.api import LoadedModel

PARTS = ("unet", "vae")


class CircularPadding:
    """A ModelPatch: every padded convolution of the U-Net and the VAE sees the opposite edge instead of zeros."""

    key = "tiling"

    @contextmanager
    def apply(self, model: LoadedModel) -> Iterator[None]:
        """Change the padding for the length of the context."""
        parts = model.modules()
        layers = [layer for name in PARTS if name in parts for layer in parts[name].modules() if isinstance(layer, nn.Conv2d)]
        before = [(layer, layer.padding_mode) for layer in layers]
        try:
            for layer in layers:
                layer.padding_mode = "circular"
            yield
        finally:
            for layer, mode in before:
                layer.padding_mode = mode
