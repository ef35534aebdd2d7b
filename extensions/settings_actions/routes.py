"""Routes below /paintbox/v1/checkpoint-hashes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool

from app.api import Host
from extensions.settings_actions.hashes import MOST_THREADS, Hashed, hash_checkpoints


def make_router(host: Host) -> APIRouter:
    """The routes."""
    router = APIRouter(prefix="/paintbox/v1/checkpoint-hashes", tags=["models"])

    @router.post("", summary="Compute the hashes of all checkpoints that have none; answers when it is done")
    async def compute(threads: Annotated[int, Query(ge=1, le=MOST_THREADS)] = 1) -> Hashed:
        return await run_in_threadpool(hash_checkpoints, host, threads)

    return router
