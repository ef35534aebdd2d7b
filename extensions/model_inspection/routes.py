"""The route that tells what a model file holds."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool

from app.api import Host
from extensions.model_inspection.inspection import Inspection, find_record, inspect

MOST = 1000
LARGEST_OFFSET = 1 << 31


def make_router(host: Host) -> APIRouter:
    """One route."""
    router = APIRouter(prefix="/paintbox/v1/models", tags=["models"])

    @router.get("/inspect", summary="What a model file holds: keys, shapes, number formats, metadata, and what it is recognised as")
    async def look(
        model: str,
        folder_kind: str = "checkpoint",
        search: str = "",
        offset: Annotated[int, Query(ge=0, le=LARGEST_OFFSET)] = 0,
        limit: Annotated[int, Query(ge=0, le=MOST)] = 100,
    ) -> Inspection:
        def read() -> Inspection:
            record = find_record(folder_kind, model, host)
            return inspect(record, host.models.header(record), search, offset, limit)

        return await run_in_threadpool(read)

    return router
