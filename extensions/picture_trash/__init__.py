"""🗑️ below the gallery deletes the selected picture, and an undo brings it back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from app.api import Page, PageSlot, Panel, SettingsSection, hookimpl
from extensions.picture_trash.params import TrashSettings

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """How long deleted pictures are kept."""
    return [SettingsSection("ui_gallery", "Gallery", TrashSettings)]


@hookimpl
def lifespan(host: Host) -> Iterable[AbstractContextManager[None]]:
    """Old ones go for good when the program starts."""

    @contextmanager
    def swept() -> Iterator[None]:
        from extensions.picture_trash.trash import sweep_now

        sweep_now(host)
        yield

    return [swept()] if host.role == "web" else []


@hookimpl
def register_panels(host: Host) -> Iterable[Panel]:
    """The button."""

    def build(page: Page) -> None:
        from extensions.picture_trash.panel import draw_button

        draw_button(page)

    return [Panel(id="picture_trash", slot=PageSlot.RESULT, order=95, build=build)]


@hookimpl
def register_routes(host: Host) -> Iterable[Any]:
    """Deleting and bringing back."""
    from extensions.picture_trash.routes import make_router

    return [make_router(host)]
