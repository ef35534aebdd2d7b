"""Describing pictures: the slot for taggers and captioners."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from app.api import JobKind, Page, PageSlot, Panel, hookimpl
from extensions.extras.api import ImageOperation

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_job_kinds(host: Host) -> Iterable[JobKind]:
    """The work: on one picture, on many."""
    from extensions.interrogation.batch_kind import batch_kind
    from extensions.interrogation.kind import interrogate_kind

    return [interrogate_kind(host), batch_kind(host)]


@hookimpl
def register_image_operations(host: Host) -> Iterable[ImageOperation]:
    """Captions in the Extras tab."""
    from extensions.interrogation.caption import operations

    return operations(host)


@hookimpl
def register_panels(host: Host) -> Iterable[Panel]:
    """Two buttons in img2img."""

    def build(page: Page) -> None:
        from extensions.interrogation.panel import draw_buttons

        draw_buttons(page)

    return [Panel(id="interrogation", slot=PageSlot.PROMPT_TOOLS, order=90, build=build)]


@hookimpl
def register_routes(host: Host) -> Iterable[Any]:
    """A1111's."""
    from extensions.interrogation.routes import make_router

    return [make_router(host)]
