"""Building the page anew on request ("Reload UI"): jobs go on, and so does the process."""

from __future__ import annotations

from fastapi import APIRouter

from app.values.base import Value
from app.web.page_server import PageServer


class Reloaded(Value):
    """``page``: the number of the build that is served from now on."""

    page: int


def reload_router(page: PageServer) -> APIRouter:
    """One route below /paintbox/v1."""
    router = APIRouter(prefix="/paintbox/v1", tags=["page"])

    @router.post("/page/reload", summary="Build the page anew, with the settings of this moment")
    async def reload() -> Reloaded:
        return Reloaded(page=await page.reload())

    return router
