"""Finds rows by what A1111's clients know of a file: the path of its preview, or its page and its name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.api import NetworkType, NotFoundError
from extensions.extra_networks.kinds import shown_types
from extensions.extra_networks.rows import Row
from extensions.extra_networks.shelves import SHELVES

if TYPE_CHECKING:
    from app.api import Host


def row_of_preview(path: str, host: Host) -> Row:
    """The row whose picture lies at ``path``; raises NotFoundError for every other file, whether it is there or not."""
    for kind in shown_types(host):
        for row in host.stash[SHELVES].shelf(kind.id).listing().rows:
            if row.preview and str(Path(row.record.path).with_name(row.preview)) == path:
                return row
    raise NotFoundError("No card has this picture.", field="filename")


def row_of_item(page: str, item: str, host: Host) -> Row | None:
    """The row of a file by its name with or without folder and suffix; None where there is none."""
    kind = kind_of_page(page, host)
    if kind is None:
        return None
    listing = host.stash[SHELVES].shelf(kind.id).listing()
    found = listing.by_name.get(item)
    return found or next((row for row in listing.rows if item in (row.record.stem, row.record.name.rpartition(".")[0])), None)


def kind_of_page(page: str, host: Host) -> NetworkType | None:
    """The kind that a client means by its title or id; None where there is none."""
    names = ((kind, kind.title.lower()) for kind in shown_types(host))
    return next((kind for kind, title in names if page.lower() in (kind.id.lower(), title, title.rstrip("s"))), None)
