"""A file dropped on a prompt box: its generation parameters are put into the box, from where ↙️ fills the form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from app.api import Page, PageSlot, Panel, hookimpl

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_panels(host: Host) -> Iterable[Panel]:
    """The hidden file field of every form."""

    def build(page: Page) -> None:
        from extensions.prompt_drop.panel import draw_field

        draw_field(page)

    return [Panel(id="prompt_drop", slot=PageSlot.GENERATION, order=-100, build=build)]


@hookimpl
def register_routes(host: Host) -> Iterable[Any]:
    """Where the page's script sends the file."""
    from extensions.prompt_drop.routes import make_router

    return [make_router(host)]
