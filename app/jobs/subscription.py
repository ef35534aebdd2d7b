"""Carries a job's events from the queue's thread to one asynchronous reader, however slow it is."""

from __future__ import annotations

import asyncio
import threading

from app.values.events import JobEvent, JobPreview, JobProgress, JobQueued
from app.values.snapshot import JobSnapshot

Item = JobEvent | JobSnapshot
NEWEST_ONLY = (JobPreview, JobProgress, JobQueued)
MOST_PENDING = 256


class Lagging(Exception):
    """The reader fell so far behind that events were dropped: it should take a fresh snapshot."""


class Closed(Exception):
    """Nothing more will come."""


class Subscription:
    """Events waiting for one reader.

    Of previews, progress and queue positions only the newest waits; when more than MOST_PENDING others wait, all are dropped and
    the reader is told. So a reader costs a bounded amount of memory.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._ready = asyncio.Event()
        self._lock = threading.Lock()
        self._pending: dict[object, Item] = {}
        self._count = 0
        self._lagging = False
        self._closed = False

    def push(self, item: Item) -> None:
        """Add an event; from any thread."""
        with self._lock:
            self._count += 1
            key: object = type(item) if isinstance(item, NEWEST_ONLY) else self._count
            self._pending.pop(key, None)
            self._pending[key] = item
            if len(self._pending) > MOST_PENDING:
                self._pending.clear()
                self._lagging = True
        self._wake()

    def close(self) -> None:
        """Let the reader end once it has read what is pending; from any thread."""
        with self._lock:
            self._closed = True
        self._wake()

    async def next(self) -> Item:
        """The next event; raises Lagging or Closed."""
        while True:
            with self._lock:
                self._ready.clear()
                if self._lagging:
                    self._lagging = False
                    raise Lagging
                if self._pending:
                    return self._pending.pop(next(iter(self._pending)))
                if self._closed:
                    raise Closed
            await self._ready.wait()

    def _wake(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._ready.set)
        except RuntimeError:  # the reader's loop has ended, and the reader with it
            with self._lock:
                self._pending.clear()
