"""In which order the page's tabs stand, and which of them are not drawn: as extensions say, changed by the user's settings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from app.values.owned import Owned
from app.values.ui import Tab

LAST = 10_000


def shown_tabs(tabs: Iterable[Owned[Tab]], order: Sequence[str], hidden: Collection[str]) -> list[Owned[Tab]]:
    """The tabs without those ``hidden``: first the ones that ``order`` names, then the others by their number.

    Settings name a tab by its title, as A1111's do, or by its id. When all were hidden, all are shown, so that the page can be used.
    """
    places = {name: place for place, name in enumerate(order)}

    def place(tab: Owned[Tab]) -> tuple[int, int]:
        return min(places.get(tab.value.title, LAST), places.get(tab.value.id, LAST)), tab.value.order

    ordered = sorted(tabs, key=place)
    return [tab for tab in ordered if not {tab.value.title, tab.value.id} & set(hidden)] or ordered
