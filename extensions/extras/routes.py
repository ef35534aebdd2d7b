"""The routes of the Extras tab, and A1111's for finished pictures."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request

from app.api import Host, Json
from app.api.routes import Owner
from extensions.extras.listing import ListedOperation, list_operations
from extensions.extras.sdapi import BatchBody, SingleBody, answered, ended, submit


def make_router(host: Host) -> APIRouter:
    """``GET /paintbox/v1/extras/operations``."""
    router = APIRouter(prefix="/paintbox/v1/extras", tags=["extras"])

    @router.get("/operations", summary="Operations on finished pictures, with their controls")
    def operations() -> list[ListedOperation]:
        return list_operations(host)

    return router


def make_a1111_router(host: Host) -> APIRouter:
    """``POST /sdapi/v1/extra-single-image`` and ``/extra-batch-images``."""
    router = APIRouter(prefix="/sdapi/v1", tags=["A1111"], strict_content_type=False)

    @router.post("/extra-single-image", summary="Enlarge a picture")
    async def single(body: SingleBody, request: Request, owner: Owner) -> dict[str, Json]:
        job = await asyncio.to_thread(submit, body, [(body.image, "image")], owner, host)
        answer = await asyncio.to_thread(answered, body, await ended(host, job.id, request.is_disconnected), host)
        return {"html_info": answer["html_info"], "image": next(iter(answer["images"]), "")}

    @router.post("/extra-batch-images", summary="Enlarge several pictures")
    async def batch(body: BatchBody, request: Request, owner: Owner) -> dict[str, Json]:
        pictures = [(item.data, item.name) for item in body.imageList]
        job = await asyncio.to_thread(submit, body, pictures, owner, host)
        return await asyncio.to_thread(answered, body, await ended(host, job.id, request.is_disconnected), host)

    return router
