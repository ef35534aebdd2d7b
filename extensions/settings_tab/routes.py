"""Routes below /paintbox/v1/settings: all settings as data, changing several at once, and looking anew for what one can be."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from app.api import Host, Value
from extensions.settings_tab.changing import Changed, Changes, Refused, change
from extensions.settings_tab.listing import ListedSection, ListedSetting, list_sections, list_setting


class Settings(Value):
    """All sections in the order of the page."""

    sections: tuple[ListedSection, ...]


def make_router(host: Host) -> APIRouter:
    """The routes."""
    router = APIRouter(prefix="/paintbox/v1/settings", tags=["settings"])

    @router.get("", summary="Every setting that has a control, with its value and where that comes from")
    async def read() -> Settings:
        return Settings(sections=tuple(await run_in_threadpool(list_sections, host)))

    @router.patch("", response_model=Changed, summary="Change and reset settings, all of them or none")
    async def patch(changes: Changes) -> Changed | JSONResponse:
        try:
            return await run_in_threadpool(change, changes, host)
        except Refused as refused:
            fields = {"field": refused.field, "fields": refused.sentences}
            return JSONResponse({"error": "UserError", "detail": str(refused), "body": "", "errors": "", **fields}, refused.status)

    @router.post("/{key}/refresh", summary="Look anew for what a setting can be chosen from")
    async def refresh(key: str) -> ListedSetting:
        def look() -> ListedSetting:
            option = host.settings.option(key)
            if option.choices is not None and option.choices.refresh is not None:
                option.choices.refresh()
            return list_setting(option, host)

        return await run_in_threadpool(look)

    return router
