"""The Extras tab: operations on finished pictures, which other extensions contribute."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from app.api import Choices, JobKind, Page, PageSlot, Panel, SettingsSection, Tab, hookimpl
from extensions.extras.settings import ExtrasPaths, ExtrasSaving, ExtrasSettings

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """In A1111's sections."""
    from extensions.extras.operations import registered

    titles = Choices(lambda: [operation.title for operation in registered(host)])
    named = {"postprocessing_disable_in_extras": titles, "postprocessing_operation_order": titles}
    return [
        SettingsSection("saving-paths", "Paths for saving", ExtrasPaths),
        SettingsSection("saving-images", "Saving images/grids", ExtrasSaving),
        SettingsSection("postprocessing", "Postprocessing", ExtrasSettings, choices=named),
    ]


@hookimpl
def register_job_kinds(host: Host) -> Iterable[JobKind]:
    """The work."""
    from extensions.extras.kind import extras_kind

    return [extras_kind(host)]


@hookimpl
def register_tabs(host: Host) -> Iterable[Tab]:
    """The third tab of the page."""

    def build(page: Page) -> None:
        from extensions.extras.panel import draw_place

        draw_place(page)

    return [Tab(id="extras", title="Extras", order=200, build=build)]


@hookimpl
def register_panels(host: Host) -> Iterable[Panel]:
    """A button below every gallery that sends its selected picture here."""

    def build(page: Page) -> None:
        from extensions.extras.panel import draw_send_button

        draw_send_button(page)

    return [Panel(id="extras_send", slot=PageSlot.RESULT, order=50, build=build)]


@hookimpl
def register_routes(host: Host) -> Iterable[Any]:
    """The operations as data, and A1111's requests."""
    from extensions.extras.routes import make_a1111_router, make_router

    return [make_router(host), make_a1111_router(host)]


@hookimpl
def register_texts(host: Host) -> Iterable[str]:
    """The words of the operations' controls."""
    from extensions.extras.operations import operation_texts

    return operation_texts(host)
