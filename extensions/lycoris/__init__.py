"""LyCORIS: further kinds of networks in LoRA files (Yeh et al. 2023, arXiv:2309.14859)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.api import hookimpl

if TYPE_CHECKING:
    from app.api import Host
    from extensions.lora.api import LayerKind


@hookimpl
def register_layer_kinds(host: Host) -> Iterable[LayerKind]:
    """All of them; DoRA looks at what the others have read, so it is asked first."""
    from extensions.lycoris.kinds import KINDS

    return KINDS
