"""The lists of embeddings in A1111's API."""

from __future__ import annotations

from fastapi import APIRouter

from app.api import Host, Json, UserError
from extensions.textual_inversion.catalogue import FOLDER, Listed, chosen_family, facts_of, listed, split


def make_router(host: Host) -> APIRouter:
    """``GET /sdapi/v1/embeddings`` and ``POST /sdapi/v1/refresh-embeddings``."""
    router = APIRouter(prefix="/sdapi/v1", tags=["embeddings"])

    @router.get("/embeddings")
    def embeddings() -> dict[str, dict[str, dict[str, Json]]]:
        """Those that work with the chosen checkpoint, and the others with a ``reason``."""
        loaded, skipped = split(listed(host), chosen_family(host), host)
        others: dict[str, dict[str, Json]] = {}
        for one, reason in skipped:
            key = one.name if one.name not in loaded and one.name not in others else one.record.name
            others[key] = {**_item(one), "reason": reason}
        return {"loaded": {name: _item(one) for name, one in loaded.items()}, "skipped": others}

    @router.post("/refresh-embeddings")
    def refresh() -> None:
        """Look at the folder again."""
        host.models.refresh(FOLDER)

    return router


def _item(one: Listed) -> dict[str, Json]:
    """``shape``: the width of a vector, over all text encoders; null for files that are no embeddings."""
    try:
        facts = facts_of(one)
    except UserError:
        facts = {"step": None, "sd_checkpoint": None, "sd_checkpoint_name": None}
    return {**facts, "shape": sum(one.widths) or None, "vectors": one.count or None}
