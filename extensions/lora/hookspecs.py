"""The hook that this extension declares: kinds of networks on single layers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.api import hookspec
from extensions.lora.api import LayerKind

if TYPE_CHECKING:
    from app.api import Host


@hookspec
def register_layer_kinds(host: Host) -> Iterable[LayerKind]:
    """Collect (worker): kinds of networks that a LoRA file may put on a layer, asked in order whether the layer's tensors are theirs."""
    raise NotImplementedError
