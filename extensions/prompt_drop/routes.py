"""Reads the generation parameters out of a file that the page sends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from app.api import Value
from extensions.prompt_drop.reading import read_dropped

if TYPE_CHECKING:
    from app.api import Host


class Read(Value):
    """What a file says; ``unread`` are the things that could not be restored."""

    infotext: str
    software: str
    unread: tuple[str, ...]


def make_router(host: Host) -> APIRouter:
    """One route: the body is the file."""
    router = APIRouter(prefix="/paintbox/v1", tags=["infotext"])

    @router.post("/infotext", summary="Read the generation parameters of a picture or text file (the body)")
    async def read(request: Request, name: str = "") -> Read:
        kind = request.headers.get("content-type", "")
        reading = await run_in_threadpool(read_dropped, await request.body(), name, host, kind=kind)
        return Read(infotext=reading.infotext, software=reading.software, unread=reading.unread)

    return router
