"""The route that puts a conversion into the queue."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool

from app.api import Host
from app.api.routes import MODEL_FILES, Owner, Queued, may_change, put_into_queue

from .params import CONVERT_AT, KIND, PREFIX, ConvertRequest


def make_router(host: Host) -> APIRouter:
    """One route."""
    router = APIRouter(prefix=PREFIX, tags=["models"], dependencies=[may_change(MODEL_FILES, host)])

    @router.post(CONVERT_AT, status_code=202, summary="Write a model file anew as safetensors, in another number format or pruned")
    async def convert(request: ConvertRequest, owner: Owner) -> Queued:
        return await run_in_threadpool(put_into_queue, host, KIND, request, owner)

    return router
