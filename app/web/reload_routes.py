"""Building the page anew on request ("Reload UI"), and whether open pages can go on: jobs go on in any case, and so does the process."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from app.values.base import Value
from app.web.page_server import PageServer


class PageKnown(Value):
    """``page``: the number of the newest build; ``is_usable``: whether the build that was asked about, or one like it, is there."""

    page: int
    is_usable: bool


class Reloaded(Value):
    """``page``: the number of the build that is served from now on."""

    page: int


def reload_router(page: PageServer) -> APIRouter:
    """Routes below /paintbox/v1."""
    router = APIRouter(prefix="/paintbox/v1", tags=["page"])

    @router.get("/page", summary="Whether an open page can go on: the server may have been started anew since")
    def known(build: Annotated[str, Query(pattern=r"^\d{1,9}-[0-9a-f]{1,64}$")]) -> PageKnown:
        number, _, signature = build.partition("-")
        return PageKnown(page=page.number, is_usable=page.build_for(int(number), signature) is not None)

    @router.post("/page/reload", summary="Build the page anew, with the settings of this moment")
    async def reload() -> Reloaded:
        return Reloaded(page=await page.reload())

    return router
