"""The route of the PNG Info tab."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool

from app.api import Host
from extensions.png_info.reading import PictureInfo, read_picture


def make_router(host: Host) -> APIRouter:
    """``POST /paintbox/v1/picture-info``."""
    router = APIRouter(prefix="/paintbox/v1", tags=["png info"])

    @router.post("/picture-info", summary="What a picture's file says of how it was made (the body is the image file)")
    async def picture_info(request: Request, name: str = "", whole: bool = False) -> PictureInfo:
        data = await request.body()
        return await run_in_threadpool(lambda: read_picture(data, name, host, whole=whole))

    return router
