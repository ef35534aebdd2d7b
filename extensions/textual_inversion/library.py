"""Keeps the vectors that were read last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from torch import Tensor

from app.api import Newest, StashKey
from extensions.textual_inversion.api import Embedding

if TYPE_CHECKING:
    from app.api import Host, Newest

KEPT = 64
LIBRARY = StashKey[Newest[str, Sequence[Tensor]]]("read embeddings")


def vectors_of(embedding: Embedding, host: Host) -> Sequence[Tensor]:
    """The vectors for each text encoder; raises ModelFileError."""
    return host.stash.made(LIBRARY, lambda: Newest(KEPT)).get(f"{embedding.key}|{embedding.name}", embedding.read)
