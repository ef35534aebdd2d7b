"""Hashing all model files in the background, once the worker has loaded its checkpoint and the disk is free."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from app.jobs.queue import JobQueue
from app.values.events import Event, WorkerStatus
from app.weights.hasher import BackgroundHasher
from app.weights.index import ModelIndex


@contextmanager
def hash_when_ready(models: ModelIndex, jobs: JobQueue) -> Iterator[None]:
    """Begin with the first worker that is ready; new files are hashed as they are noticed."""
    hasher = BackgroundHasher(models, lambda: list(models.folders), lambda record: None)
    started = threading.Event()

    def hear(event: Event) -> None:
        if isinstance(event, WorkerStatus) and event.state == "ready" and not started.is_set():
            started.set()
            models.listen(hasher.wake)
            hasher.start()

    unsubscribe = jobs.subscribe(hear)
    try:
        yield
    finally:
        unsubscribe()
        hasher.close()
