"""The hook that this extension declares: embeddings that lie elsewhere than in its folder."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.api import PassContext, Run, hookspec

if TYPE_CHECKING:
    from extensions.textual_inversion.api import Embedding


@hookspec
def find_embeddings(context: PassContext, run: Run) -> Iterable[Embedding]:
    """Collect, strict (worker): embeddings from other places that this pass may use; files in the folder come before them."""
    raise NotImplementedError
