"""The Settings tab: every setting of the program and of its extensions, with search, reset and where a value comes from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from app.api import Page, Tab, hookimpl

if TYPE_CHECKING:
    from app.api import Host

AFTER_THE_OTHERS = 900


@hookimpl
def register_tabs(host: Host) -> Iterable[Tab]:
    """One of the last tabs, as in A1111."""

    def build(page: Page) -> None:
        from extensions.settings_tab.panel import draw_place

        draw_place(page)

    return (Tab(id="settings", title="Settings", order=AFTER_THE_OTHERS, build=build),)


@hookimpl
def register_routes(host: Host) -> Iterable[Any]:
    """Settings as data, and changing them."""
    from extensions.settings_tab.routes import make_router

    return (make_router(host),)


@hookimpl
def register_texts(host: Host) -> Iterable[str]:
    """Where values come from, and why they cannot be changed."""
    from extensions.settings_tab.listing import WORDS

    return WORDS
