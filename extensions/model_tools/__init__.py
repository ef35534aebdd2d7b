"""The tab in which the tools for model files stand: a page for each, drawn by the extensions that bring them along."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.api import Page, Tab, hookimpl

if TYPE_CHECKING:
    from app.api import Host

ORDER = 400


@hookimpl
def register_tabs(host: Host) -> Iterable[Tab]:
    """Under A1111's name and id, because its first page is the merger."""

    def build(page: Page) -> None:
        from extensions.model_tools.panel import draw_tools

        draw_tools(page)

    return (Tab(id="modelmerger", title="Checkpoint Merger", order=ORDER, build=build),)
