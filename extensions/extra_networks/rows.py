"""One light row for each file of a kind: what its card, the search and the order need, kept as long as the files stay as they are."""

from __future__ import annotations

import operator
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from app.api import ModelRecord, natural_key
from extensions.extra_networks.sidecars import NOTHING, PREVIEWS, TEXTS, Sidecars, read_sidecars

COVERS = "ssmd_cover_images"
"""Key of a safetensors file's metadata: a JSON list of pictures in base64."""
Order = Literal["path", "name", "date_created", "date_modified"]
ORDERS: tuple[Order, ...] = ("path", "name", "date_created", "date_modified")
ROWS_AT_ONCE = 50
Stamp = tuple[tuple[str, int, int], ...]
"""Names, sizes and times of what lies beside a file."""


@dataclass(frozen=True)
class Row:
    """A file with what is known of it; ``preview`` is the name of the picture beside it, "" where there is none.

    ``text``: what a search goes over, in small letters; ``is_hidden``: it lies in a folder whose name begins with a dot.
    """

    record: ModelRecord
    folder: str
    text: str
    sidecars: Sidecars
    stamp: Stamp
    preview: str
    preview_version: str
    created_ns: int
    is_hidden: bool


@dataclass(frozen=True)
class Listing:
    """All rows of a kind in the order of their paths; ``is_complete``: no header waits to be read."""

    rows: tuple[Row, ...]
    is_complete: bool = True

    @cached_property
    def by_name(self) -> Mapping[str, Row]:
        """Rows by the names of their records."""
        return MappingProxyType({row.record.name: row for row in self.rows})

    @cached_property
    def version(self) -> str:
        """Another text whenever anything is different."""
        state = tuple((row.record.name, row.record.mtime_ns, row.record.sha256, row.record.pending, row.stamp) for row in self.rows)
        return f"{hash(state):x}"

    @cached_property
    def folders(self) -> tuple[str, ...]:
        """Folders of the files and those above them, in natural order."""
        found: set[str] = set()
        for folder in {row.folder for row in self.rows}:
            parts = folder.split("/") if folder else []
            found.update("/".join(parts[:depth]) for depth in range(1, len(parts) + 1))
        return tuple(sorted(found, key=natural_key))

    def prepare(self) -> None:
        """Work out beforehand what answers need, so that none of them waits for it."""
        _ = self.by_name, self.version, self.folders, self._orders

    def in_order(self, order: Order) -> Sequence[Row]:
        """The rows, ascending."""
        return self.rows if order == "path" else self._orders[order]

    @cached_property
    def _orders(self) -> Mapping[Order, Sequence[Row]]:
        return {
            "name": sorted(self.rows, key=lambda row: natural_key(row.record.stem)),
            "date_created": sorted(self.rows, key=lambda row: row.created_ns),
            "date_modified": sorted(self.rows, key=lambda row: row.record.mtime_ns),
        }


EMPTY = Listing(())


def list_rows(records: Sequence[ModelRecord], before: Listing, is_one: Callable[[ModelRecord], bool]) -> Listing:
    """Rows of the records that are of the kind; those of ``before`` are kept where nothing has changed, and all of it where nothing has."""
    folders: dict[str, Mapping[str, os.DirEntry[str]]] = {}
    rows: list[Row] = []
    for number, record in enumerate(records):
        if number % ROWS_AT_ONCE == 0:
            time.sleep(0)  # answers that wait for this thread go first
        if not is_one(record):
            continue
        place = os.path.dirname(record.path)
        if place not in folders:
            folders[place] = _entries(place)
        rows.append(_row(record, folders[place], before.by_name.get(record.name)))
    is_complete = not any(record.pending for record in records)
    if is_complete == before.is_complete and len(rows) == len(before.rows) and all(map(operator.is_, rows, before.rows)):
        return before
    return Listing(tuple(rows), is_complete)


def _entries(folder: str) -> Mapping[str, os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return {entry.name: entry for entry in entries}
    except OSError:
        return {}  # gone since the index looked


def _row(record: ModelRecord, entries: Mapping[str, os.DirEntry[str]], known: Row | None) -> Row:
    stem = os.path.splitext(os.path.basename(record.path))[0]
    preview = next((name for ending in PREVIEWS if (name := stem + ending) in entries), "")
    beside = [name for ending in TEXTS if (name := stem + ending) in entries]
    stamp = tuple(filter(None, (_stamp(entries[name]) for name in (*beside, *([preview] if preview else ())))))
    if known is not None and known.stamp == stamp and _is_same(known.record, record):
        return known
    if known is not None and known.stamp == stamp:
        sidecars = known.sidecars
    else:
        sidecars = read_sidecars(Path(record.path).with_name(stem)) if beside else NOTHING
    folder = record.name.rpartition("/")[0]
    has_cover = not preview and len(record.metadata.get(COVERS, "")) > len('[""]')
    texts = ("/" + record.name, record.sha256 or "", record.autov3 or "", sidecars.user.description)
    return Row(
        record=record,
        folder=folder,
        text="\n".join(texts).lower(),
        sidecars=sidecars,
        stamp=stamp,
        preview=preview,
        preview_version=f"{stamp[-1][1]:x}-{stamp[-1][2]:x}" if preview and stamp else f"{record.mtime_ns:x}" if has_cover else "",
        created_ns=_created_ns(entries.get(os.path.basename(record.path))),
        is_hidden=any(part.startswith(".") for part in folder.split("/")),
    )


def _is_same(one: ModelRecord, other: ModelRecord) -> bool:
    """Whether the index says the same of a file; what it read there stays as it is while size and time do."""
    return (one.path, one.size_bytes, one.mtime_ns, one.sha256, one.autov3, one.pending, one.problem, one.identity) == (
        other.path,
        other.size_bytes,
        other.mtime_ns,
        other.sha256,
        other.autov3,
        other.pending,
        other.problem,
        other.identity,
    )


def _stamp(entry: os.DirEntry[str]) -> tuple[str, int, int] | None:
    try:
        stat = entry.stat()
    except OSError:
        return None
    return entry.name, stat.st_size, stat.st_mtime_ns


def _created_ns(entry: os.DirEntry[str] | None) -> int:
    """When the file came to this place, as well as the system knows it."""
    try:
        stat = entry.stat() if entry is not None else None
    except OSError:
        stat = None
    if stat is None:
        return 0
    born = getattr(stat, "st_birthtime_ns", None)
    return int(born) if born is not None else stat.st_ctime_ns
