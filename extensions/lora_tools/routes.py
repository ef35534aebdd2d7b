"""Routes that put an extraction or a baking into the queue."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool

from app.api import Host
from app.api.routes import MODEL_FILES, Owner, Queued, may_change, put_into_queue
from extensions.lora_tools.params import BAKE, BAKE_AT, EXTRACT, EXTRACT_AT, PREFIX, BakeRequest, ExtractRequest


def make_router(host: Host) -> APIRouter:
    """Two routes."""
    router = APIRouter(prefix=PREFIX, tags=["models"], dependencies=[may_change(MODEL_FILES, host)])

    @router.post(EXTRACT_AT, status_code=202, summary="Make a LoRA of the difference of two checkpoints")
    async def extract(request: ExtractRequest, owner: Owner) -> Queued:
        return await run_in_threadpool(put_into_queue, host, EXTRACT, request, owner)

    @router.post(BAKE_AT, status_code=202, summary="Write a checkpoint with LoRAs in its weights")
    async def bake(request: BakeRequest, owner: Owner) -> Queued:
        return await run_in_threadpool(put_into_queue, host, BAKE, request, owner)

    return router
