"""The Train tab: the place of extensions that train embeddings, hypernetworks, LoRAs and the like."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.api import Page, Tab, hookimpl

if TYPE_CHECKING:
    from app.api import Host

ORDER = 500


@hookimpl
def register_tabs(host: Host) -> Iterable[Tab]:
    """Between the merger and the tabs of extensions, as in A1111."""

    def build(page: Page) -> None:
        from extensions.training_place.panel import draw_place

        draw_place(page)

    return [Tab(id="train", title="Train", order=ORDER, build=build)]
