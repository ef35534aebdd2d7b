"""The txt2img tab: a prompt becomes pictures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.api import Page, Tab, hookimpl

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_tabs(host: Host) -> Iterable[Tab]:
    """The first tab of the page."""

    def build(page: Page) -> None:
        from extensions.txt2img.panel import build_tab

        build_tab(page)

    return (Tab(id="txt2img", title="txt2img", order=0, build=build),)
