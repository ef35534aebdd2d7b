"""Lets the convolutions of a model wrap around the edges."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn

from app.api import LoadedModel


class CircularPadding:
    """A ModelPatch: every padded convolution of the U-Net and the VAE sees the opposite edge instead of zeros."""

    key = "tiling"

    @contextmanager
    def apply(self, model: LoadedModel) -> Iterator[None]:
        """Change the padding for the length of the context."""
        parts = [part for name, part in model.modules().items() if name in ("unet", "vae")]
        layers = [layer for part in parts for layer in part.modules() if isinstance(layer, nn.Conv2d)]
        before = [(layer, layer.padding_mode) for layer in layers]
        try:
            for layer in layers:
                layer.padding_mode = "circular"
            yield
        finally:
            for layer, mode in before:
                layer.padding_mode = mode
