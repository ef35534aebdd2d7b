"""Everybody who wants to hear of jobs: asynchronous readers of one job, and callbacks for everything."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable

from app.jobs.subscription import Item, Subscription
from app.values.events import Event, Fact, WorkerStatus

logger = logging.getLogger(__name__)
Callback = Callable[[Event], None]


class Watchers:
    """Readers get events at once; callbacks get them from ``tell_callbacks``, which the queue's thread calls without its lock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._readers: dict[str, list[Subscription]] = {}
        self._callbacks: list[Callback] = []
        self._untold: list[Event] = []

    def open(self, job_id: str) -> Subscription:
        """A new reader of one job, on the running event loop."""
        subscription = Subscription(asyncio.get_running_loop())
        with self._lock:
            self._readers.setdefault(job_id, []).append(subscription)
        return subscription

    def drop(self, job_id: str, subscription: Subscription) -> None:
        """Forget a reader."""
        with self._lock:
            left = [other for other in self._readers.pop(job_id, []) if other is not subscription]
            if left:
                self._readers[job_id] = left

    def push(self, job_id: str, item: Item) -> None:
        """Give the job's readers something."""
        with self._lock:
            for subscription in self._readers.get(job_id, []):
                subscription.push(item)

    def tell(self, event: Event) -> None:
        """Give the job's readers an event, and keep it for the callbacks."""
        if not isinstance(event, (WorkerStatus, Fact)):
            self.push(event.job_id, event)
        with self._lock:
            self._untold.append(event)

    def close(self) -> None:
        """Let all readers end."""
        with self._lock:
            for subscriptions in self._readers.values():
                for subscription in subscriptions:
                    subscription.close()

    def add_callback(self, callback: Callback) -> Callable[[], None]:
        """Call ``callback`` with every event; returns a function that ends it."""
        with self._lock:
            self._callbacks.append(callback)
        return lambda: self._remove_callback(callback)

    def tell_callbacks(self) -> None:
        """Call the callbacks with what has happened; one that fails is logged and stops nobody."""
        with self._lock:
            events, self._untold = self._untold, []
            callbacks = list(self._callbacks)
        for event in events:
            for callback in callbacks:
                try:
                    callback(event)
                except Exception:
                    logger.exception("A listener failed on %r", event.type)

    def _remove_callback(self, callback: Callback) -> None:
        with self._lock:
            if callback in self._callbacks:
                self._callbacks.remove(callback)
