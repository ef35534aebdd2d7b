"""The hooks that this extension declares: kinds of networks on single layers, and files that are used beside the prompt's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.api import ModelRecord, PassContext, Run, hookspec
from extensions.lora.api import LayerKind

if TYPE_CHECKING:
    from app.api import Host


@hookspec
def register_layer_kinds(host: Host) -> Iterable[LayerKind]:
    """Collect (worker): kinds of networks that a LoRA file may put on a layer, asked in order whether the layer's tensors are theirs."""
    raise NotImplementedError


@hookspec
def find_used_files(context: PassContext, run: Run) -> Iterable[tuple[str, ModelRecord]]:
    """Collect, strict (worker): LoRA files that a pass uses and that its prompt does not name, each with what it is called by there."""
    raise NotImplementedError
