"""Routes below /paintbox/v1/licenses: what is under which licence, and the texts."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import PlainTextResponse

from app.api import Host, NotFoundError
from extensions.licenses.collecting import Licensed, licence_text, list_licences


def make_router(host: Host) -> APIRouter:
    """The routes."""
    router = APIRouter(prefix="/paintbox/v1/licenses", tags=["system"])

    @router.get("", summary="What is installed and carried, with its licence")
    async def listed() -> tuple[Licensed, ...]:
        return await run_in_threadpool(list_licences, host)

    @router.get("/text", summary="The text of a licence")
    async def text(id: str) -> PlainTextResponse:
        found = await run_in_threadpool(licence_text, host, id)
        if found is None:
            raise NotFoundError(f"There is no licence text of {id!r}.", field="id")
        return PlainTextResponse(found)

    return router
