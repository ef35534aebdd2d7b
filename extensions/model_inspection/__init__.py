"""What a model file holds, told from its header: a route, and a page among the tools."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from app.api import Page, PageSlot, Panel, hookimpl

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_routes(host: Host) -> Iterable[Any]:
    """Asking for it."""
    from extensions.model_inspection.routes import make_router

    return (make_router(host),)


@hookimpl
def register_panels(host: Host) -> Iterable[Panel]:
    """A page among the tools for model files."""

    def build(page: Page) -> None:
        from extensions.model_inspection.panel import draw_place

        draw_place(page)

    return (Panel(id="model_inspection", slot=PageSlot.TOOL_PAGES, order=40, build=build),)
