"""The PNG Info tab."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from app.api import Page, Tab, hookimpl

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_tabs(host: Host) -> Iterable[Tab]:
    """The fourth tab of the page."""

    def build(page: Page) -> None:
        from extensions.png_info.panel import draw_place

        draw_place(page)

    return [Tab(id="pnginfo", title="PNG Info", order=300, build=build)]


@hookimpl
def register_routes(host: Host) -> Iterable[Any]:
    """What a picture says."""
    from extensions.png_info.routes import make_router

    return [make_router(host)]
