"""The routes of extensions, which come and go with them while the program runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, FastAPI

from app import hookspecs

if TYPE_CHECKING:
    from app.host import Host


def add_extension_routes(app: FastAPI, host: Host) -> None:
    """Add the routes of the extensions in use here, and replace them where they stand when others are in use."""
    app.include_router(_routes_of(host))
    place = len(app.router.routes) - 1

    def renew() -> None:
        # requests that are answered meanwhile see the old routes or the new ones, never none
        app.include_router(_routes_of(host))
        app.router.routes[place] = app.router.routes.pop()
        app.openapi_schema = None

    host.extensions.follow(renew)


def _routes_of(host: Host) -> APIRouter:
    whole = APIRouter()
    for owned in host.hooks.collect(hookspecs.register_routes, host=host):
        with host.hooks.isolated(owned.owner, "register_routes"):
            whole.include_router(owned.value)
    return whole
