"""In which order the page's tabs stand, and which of them are not drawn: as extensions say, changed by the user's settings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, cast

from app import hookspecs
from app.values.base import Json
from app.values.owned import Owned
from app.values.ui import Tab

if TYPE_CHECKING:
    from app.host import Host

LAST = 10_000


def shown_tabs(host: Host) -> list[Owned[Tab]]:
    """The tabs of a host's page in their order."""
    order, hidden = host.settings.get("ui_tab_order"), host.settings.get("hidden_tabs")
    tabs = host.hooks.collect(hookspecs.register_tabs, host=host)
    return arranged(tabs, [str(name) for name in cast("list[Json]", order)], [str(name) for name in cast("list[Json]", hidden)])


def arranged(tabs: Iterable[Owned[Tab]], order: Sequence[str], hidden: Collection[str]) -> list[Owned[Tab]]:
    """The tabs without those ``hidden``: first the ones that ``order`` names, then the others by their number.

    Settings name a tab by its title, as A1111's do, or by its id. When all were hidden, all are shown, so that the page can be used.
    """
    places = {name: place for place, name in enumerate(order)}

    def place(tab: Owned[Tab]) -> tuple[int, int]:
        return min(places.get(tab.value.title, LAST), places.get(tab.value.id, LAST)), tab.value.order

    ordered = sorted(tabs, key=place)
    return [tab for tab in ordered if not {tab.value.title, tab.value.id} & set(hidden)] or ordered
