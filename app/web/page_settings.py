"""The settings that the page's scripts follow: those whose field says ``json_schema_extra={"page": True}``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter

from app.values.base import Json

if TYPE_CHECKING:
    from app.host import Host

PAGE = "page"


def page_settings(host: Host) -> dict[str, Json]:
    """Their values by key; never a secret."""
    options = host.settings.options.values()
    return {option.key: host.settings.get(option.key) for option in options if option.extra.get(PAGE) and not option.is_secret}


def page_settings_router(host: Host) -> APIRouter:
    """One route below /paintbox/v1."""
    router = APIRouter(prefix="/paintbox/v1", tags=["page"])

    @router.get("/page/settings", summary="The settings that the page's scripts follow")
    def read() -> dict[str, Json]:
        return page_settings(host)

    return router
