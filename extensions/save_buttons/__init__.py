"""Buttons below the gallery: 💾 saves pictures to a folder of favourites, 🗃️ also makes an archive, 📂 opens the folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from app.api import Page, PageSlot, Panel, SettingsSection, hookimpl
from extensions.save_buttons.offered import OFFERED, OfferedFiles
from extensions.save_buttons.params import FolderSettings, SaveButtonSettings

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """What a click on Save saves and notes down, and what 📂 opens."""
    return [
        SettingsSection("saving-images", "Saving images/grids", SaveButtonSettings),
        SettingsSection("ui_gallery", "Gallery", FolderSettings),
    ]


@hookimpl
def lifespan(host: Host) -> Iterable[AbstractContextManager[None]]:
    """Remember, while the program runs, which saved files were offered to whom."""

    @contextmanager
    def offering() -> Iterator[None]:
        host.stash[OFFERED] = OfferedFiles()
        try:
            yield
        finally:
            del host.stash[OFFERED]

    return [offering()] if host.role == "web" else []


@hookimpl
def register_panels(host: Host) -> Iterable[Panel]:
    """The row of buttons in the result panel of every form."""

    def build(page: Page) -> None:
        from extensions.save_buttons.panel import draw_buttons

        draw_buttons(page)

    return [Panel(id="save_buttons", slot=PageSlot.RESULT, order=0, build=build)]


@hookimpl
def register_routes(host: Host) -> Iterable[Any]:
    """Where the offered files are fetched."""
    from extensions.save_buttons.routes import make_router

    return [make_router(host)]
