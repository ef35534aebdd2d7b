"""The kinds of networks of this extension, in the order in which a layer's tensors are offered to them."""

from __future__ import annotations

from extensions.lora.api import LayerKind
from extensions.lycoris import dora, full, glora, ia3, loha, lokr, norm, oft

KINDS = (
    LayerKind("dora", dora.read, order=10),
    LayerKind("loha", loha.read, order=60),
    LayerKind("ia3", ia3.read, order=61),
    LayerKind("lokr", lokr.read, order=62),
    LayerKind("full", full.read, order=63),
    LayerKind("norm", norm.read, order=64),
    LayerKind("glora", glora.read, order=65),
    LayerKind("oft", oft.read, order=66),
)
