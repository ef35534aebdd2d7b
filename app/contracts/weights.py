"""Protocols of lasting changes of a model's weights, layer by layer; no torch at import time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class LayerWeights:
    """The weights of one layer: ``weight`` of its own shape, ``bias`` (out,) where it has one."""

    weight: Tensor
    bias: Tensor | None = None


class LayerEdit(Protocol):
    """What one network does to one layer."""

    @property
    def key(self) -> str:
        """Edits of a layer with an equal key give equal weights: the file's state and every strength that matters to this layer."""
        ...

    def apply(self, layer: LayerWeights) -> LayerWeights:
        """The changed weights, of the same shapes, number format and device; the given tensors are left as they are.

        ``layer`` is what the edits before this one have made of the checkpoint's weights, in float32 or better. Raises UserError
        for a network that does not fit.
        """
        ...


@dataclass(frozen=True)
class WeightEdits:
    """What one network does to a model: ``layers`` by part and module of ``LoadedModel.modules()``, "unet.mid_block.resnets.0.conv1"."""

    layers: Mapping[str, LayerEdit]
