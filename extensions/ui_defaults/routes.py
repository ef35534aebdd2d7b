"""Routes below /paintbox/v1/ui-defaults: how ui-config.json and the form stand, and writing the file."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool

from app.api import Host
from app.api.routes import Owner
from extensions.ui_defaults.writing import Defaults, Written, apply_defaults, list_defaults


def make_router(host: Host) -> APIRouter:
    """The routes."""
    router = APIRouter(prefix="/paintbox/v1/ui-defaults", tags=["settings"])

    @router.get("", summary="What ui-config.json says of the page's controls, and what of the form is another value")
    async def read(owner: Owner) -> Defaults:
        return await run_in_threadpool(list_defaults, host, owner)

    @router.post("", summary="Write what stands in the form, and every line that is missing, into ui-config.json")
    async def write(owner: Owner) -> Written:
        return await run_in_threadpool(apply_defaults, host, owner)

    return router
