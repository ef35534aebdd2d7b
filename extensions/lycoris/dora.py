"""DoRA: magnitudes of columns or rows that were learned apart from their directions (Liu et al. 2024, arXiv:2402.09353)."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from app.api import LayerWeights, UserError
from extensions.lora.api import LayerChange, Parts, Target, read_low_rank
from extensions.lycoris import loha, lokr

MAGNITUDE = "dora_scale"


def read(parts: Parts, target: Target) -> LayerChange | None:
    """A low-rank network of any kind with magnitudes, (1, in, ...) or (out, 1, ...)."""
    magnitude = parts.get(MAGNITUDE)
    if magnitude is None:
        return None
    inner_parts = {name: tensor for name, tensor in parts.items() if name != MAGNITUDE}
    inner = next((change for kind in (read_low_rank, loha.read, lokr.read) if (change := kind(inner_parts, target))), None)
    if inner is None:
        return None
    by_output = magnitude.ndim > 1 and magnitude.shape[0] == target.shape[0] and magnitude.shape[1] == 1
    if magnitude.ndim < 2 or len(target.shape) < 2 or magnitude.numel() != target.shape[0 if by_output else 1]:
        raise UserError(f"magnitudes of the shape {tuple(magnitude.shape)} do not fit {target.name} of the shape {target.shape}")
    return Decomposed(inner, magnitude, by_output)


@dataclass(frozen=True)
class Decomposed:
    """The inner network's weights, each column (or row, ``by_output``) brought to its magnitude."""

    inner: LayerChange
    magnitude: Tensor
    by_output: bool

    @property
    def used(self) -> frozenset[str]:
        """Those of the inner network, and the magnitudes."""
        return self.inner.used | {MAGNITUDE}

    def changed(self, layer: LayerWeights, strength: float) -> LayerWeights:
        """The way from the layer's weights to the decomposed ones, times the strength."""
        merged = self.inner.changed(layer, 1.0)
        directions = merged.weight
        kept = 0 if self.by_output else 1
        norm = directions.transpose(0, kept).flatten(1).norm(dim=1).view(-1, *[1] * (directions.ndim - 1)).transpose(0, kept)
        whole = directions * (self.magnitude.to(directions).view(norm.shape) / norm)
        return LayerWeights(layer.weight + (whole - layer.weight) * strength, layer.bias)
