"""The Extensions tab: installed extensions, installs from a repository or archive, the index, snapshots and the way back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from app.api import Page, PageFiles, SettingsSection, Tab, hookimpl
from extensions.extension_manager.params import LAST, SECTION, ExtensionSettings

if TYPE_CHECKING:
    from app.api import ExtensionReport, Host


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """Where the index is read from, and whose JavaScript the page may run."""
    return (SettingsSection(SECTION, "Extensions", ExtensionSettings, category="System"),)


@hookimpl
def lifespan(host: Host) -> Iterable[AbstractContextManager[None]]:
    """In the web process: what works on the extensions' files."""
    from extensions.extension_manager.manager import MANAGER, Manager

    @contextmanager
    def managing() -> Iterator[None]:
        host.stash[MANAGER] = Manager(host)
        try:
            yield
        finally:
            del host.stash[MANAGER]

    return () if host.role == "worker" else (managing(),)


@hookimpl
def describe_extension(report: ExtensionReport, host: Host) -> Iterable[tuple[str, str]]:
    """What an extension for A1111 brings, what becomes of that, and that its JavaScript waits for consent."""
    from extensions.extension_manager.listing import described

    return described(report, host)


@hookimpl
def register_tabs(host: Host) -> Iterable[Tab]:
    """The last tab, as in A1111."""

    def build(page: Page) -> None:
        from extensions.extension_manager.panel import draw_place

        draw_place(page)

    return (Tab(id="extensions", title="Extensions", order=LAST, build=build),)


@hookimpl
def register_routes(host: Host) -> Iterable[Any]:
    """Everything that the tab does, and A1111's list of extensions."""
    from extensions.extension_manager.routes import make_routers

    return make_routers(host)


@hookimpl
def register_assets(host: Host) -> Iterable[PageFiles]:
    """JavaScript and styles of extensions that were written for A1111, as far as somebody has allowed them."""
    from extensions.extension_manager.javascript import page_files

    return page_files(host)


@hookimpl
def register_texts(host: Host) -> Iterable[str]:
    """Words of lists and states, which the page's scripts have as values."""
    from extensions.extension_manager.params import WORDS

    return WORDS
