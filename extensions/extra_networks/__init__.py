"""Cards of the networks that people collect, below the prompts: one tab for each kind that an extension registers."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from app.api import Page, PageSlot, Panel, SettingsSection, hookimpl
from extensions.extra_networks.settings import NetworkCards

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """How cards are listed and shown, in A1111's section."""
    return (SettingsSection("extra_networks", "Extra Networks", NetworkCards),)


@hookimpl
def register_panels(host: Host) -> Iterable[Panel]:
    """The tabs beside "Generation"."""

    def build(page: Page) -> None:
        from extensions.extra_networks.panel import draw_tabs

        draw_tabs(page)

    return (Panel(id="extra_networks", slot=PageSlot.FORM_TABS, order=100, build=build),)


@hookimpl
def register_routes(host: Host) -> Iterable[Any]:
    """Cards, previews and notes as data."""
    from extensions.extra_networks.routes import make_a1111_router, make_router

    return (make_router(host), make_a1111_router(host))


@hookimpl
def lifespan(host: Host) -> Iterable[AbstractContextManager[None]]:
    """In the web process: the lists are made before somebody opens a tab, and kept current."""
    from extensions.extra_networks.shelves import kept_shelves

    return (kept_shelves(host),) if host.role == "web" else ()


@hookimpl
def register_texts(host: Host) -> Iterable[str]:
    """The names of facts in the dialogs of files."""
    from extensions.extra_networks.details import FACTS

    return FACTS
