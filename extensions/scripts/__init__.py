"""The list of scripts below the forms: the chosen one's fields, its jobs, and how they are resumed."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from app.api import Page, PageSlot, Panel, SettingsSection, hookimpl

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_panels(host: Host) -> Iterable[Panel]:
    """The list."""

    def build(page: Page) -> None:
        from extensions.scripts.panel import draw_scripts

        draw_scripts(page)

    return [Panel(id="scripts", slot=PageSlot.SCRIPTS, order=10, build=build)]


@hookimpl
def register_routes(host: Host) -> Iterable[Any]:
    """Fields of scripts, and unfinished jobs."""
    from extensions.scripts.routes import make_router

    return [make_router(host)]


@hookimpl
def lifespan(host: Host) -> Iterable[AbstractContextManager[None]]:
    """Scripts are found in pasted infotexts."""
    if host.role != "web":
        return ()
    from extensions.scripts.pasted import reading_scripts

    return (reading_scripts(host),)


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """How labels of grids look, in A1111's section."""
    from extensions.scripts.grid_settings import GridTextSettings

    return [SettingsSection("saving-images", "Saving images/grids", GridTextSettings)]
