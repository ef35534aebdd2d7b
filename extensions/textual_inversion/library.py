"""Keeps the vectors that were read last."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from torch import Tensor

from app.api import StashKey
from extensions.textual_inversion.api import Embedding

if TYPE_CHECKING:
    from app.api import Host

KEPT = 64
LIBRARY = StashKey[OrderedDict[str, Sequence[Tensor]]]("read embeddings")


def vectors_of(embedding: Embedding, host: Host) -> Sequence[Tensor]:
    """The vectors for each text encoder; raises ModelFileError."""
    known = host.stash.get(LIBRARY, None)
    if known is None:
        known = host.stash[LIBRARY] = OrderedDict()
    key = f"{embedding.key}|{embedding.name}"
    if key not in known:
        known[key] = embedding.read()
    known.move_to_end(key)
    while len(known) > KEPT:
        known.popitem(last=False)
    return known[key]
