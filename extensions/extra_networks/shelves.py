"""Keeps the rows of every kind of network, made anew in the background, so that no answer waits for thousands of files."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from app.api import NetworkType, StashKey
from extensions.extra_networks.previews import Thumbnails
from extensions.extra_networks.rows import EMPTY, Listing, list_rows

if TYPE_CHECKING:
    from app.api import Host

FIRST_LOOK_AFTER_S = 1.5
"""The page is served first."""
STALE_S = 4.0
"""Older rows are shown, and made anew soon after."""
IDLE_S = 0.8
"""They are made anew when nobody has asked for this long, because thousands of them would hold up the answers."""
WAIT_S = 2.5
"""But no later than this."""


class Shelf:
    """The rows of one kind; thread-safe."""

    def __init__(self, kind: NetworkType, host: Host) -> None:
        self.kind = kind
        self._host = host
        self._making = threading.Lock()
        self._listing: Listing | None = None
        self._made_at = 0.0

    def listing(self) -> Listing:
        """The rows as they were last seen; made now if nobody has yet."""
        return self._listing or self.renew()

    @property
    def is_stale(self) -> bool:
        """Whether it is time to look again."""
        return time.monotonic() - self._made_at > STALE_S

    def age(self) -> None:
        """Files have come or changed: the rows are stale, however new they are."""
        self._made_at = float("-inf")

    def renew(self) -> Listing:
        """Look now: files, and what lies beside them."""
        with self._making:
            records = self._host.models.records(self.kind.folder_kind)
            self.kind.look(records)
            listing = list_rows(records, self._listing or EMPTY, self.kind.is_one)
            listing.prepare()
            self._listing, self._made_at = listing, time.monotonic()
            return listing


class Shelves:
    """One shelf for each kind, and the thread that renews those that were asked for; ``thumbnails`` of their previews."""

    def __init__(self, host: Host) -> None:
        self.thumbnails = Thumbnails()
        self._host = host
        self._shelves: dict[str, Shelf] = {}
        self._lock = threading.Lock()
        self._wanted: set[str] = set()
        self._asked_at = 0.0
        self._wake = threading.Event()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._work, name="network-cards", daemon=True)

    def shelf(self, type_id: str) -> Shelf:
        """The shelf of a kind; raises NotFoundError."""
        kind = self._host.network_types.get(type_id)
        with self._lock:
            known = self._shelves.get(type_id)
            if known is None or known.kind is not kind:
                known = self._shelves[type_id] = Shelf(kind, self._host)
            return known

    def current(self, type_id: str) -> tuple[Listing, bool]:
        """The rows, and whether they are the newest; where they may not be, the thread looks again."""
        shelf = self.shelf(type_id)
        listing = shelf.listing()
        if not shelf.is_stale:
            return listing, listing.is_complete
        with self._lock:
            self._wanted.add(type_id)
            self._asked_at = time.monotonic()
        self._wake.set()
        return listing, False

    def start(self) -> None:
        """Begin to look."""
        self._host.models.listen(self._age)
        self._thread.start()

    def _age(self) -> None:
        with self._lock:
            for shelf in self._shelves.values():
                shelf.age()

    def close(self) -> None:
        """End the thread."""
        self._closed.set()
        self._wake.set()
        self._thread.join()

    def _work(self) -> None:
        self._closed.wait(FIRST_LOOK_AFTER_S)
        with self._lock:
            self._wanted.update(kind.id for kind in self._host.network_types if kind.folder_kind in self._host.models.folders)
        while not self._closed.is_set():
            self._wake.clear()
            self._wait_for_quiet()
            with self._lock:
                wanted, self._wanted = self._wanted, set()
            for type_id in sorted(wanted):
                if not self._closed.is_set():
                    with self._host.hooks.isolated(self._host.network_types.owner(type_id), "the list of its cards"):
                        self.shelf(type_id).renew()
            self._wake.wait()

    def _wait_for_quiet(self) -> None:
        latest = time.monotonic() + WAIT_S
        while (left := min(self._asked_at + IDLE_S, latest) - time.monotonic()) > 0 and not self._closed.wait(left):
            pass


SHELVES = StashKey[Shelves]("cards of networks")


@contextmanager
def kept_shelves(host: Host) -> Iterator[None]:
    """The shelves are in the stash while it is open."""
    shelves = host.stash[SHELVES] = Shelves(host)
    shelves.start()
    try:
        yield
    finally:
        shelves.close()
        del host.stash[SHELVES]
