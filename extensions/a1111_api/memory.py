"""How much memory Paintbox uses: its processes', and its device's as the worker told it last."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from app.api import DEVICE_MEMORY, Event, Fact, Host, Json, StashKey

TOLD = StashKey[dict[str, Json]]("the device's memory as the worker told it last")
UNAVAILABLE: dict[str, Json] = {"error": "unavailable"}


@contextmanager
def heard_memory(host: Host) -> Iterator[None]:
    """Listen to what the worker tells while the host runs."""
    host.stash[TOLD] = {}

    def hear(event: Event) -> None:
        if isinstance(event, Fact) and event.topic == DEVICE_MEMORY:
            host.stash[TOLD] = event.data

    unsubscribe = host.jobs.subscribe(hear)
    try:
        yield
    finally:
        unsubscribe()
        del host.stash[TOLD]


def memory(host: Host) -> dict[str, Json]:
    """Bytes of main memory that this program and its workers hold, and what is left; ``cuda`` as it was after the last job."""
    own = psutil.Process()
    used = sum(_resident_bytes(process) for process in (own, *own.children(recursive=True)))
    system = psutil.virtual_memory()
    return {
        "ram": {"free": system.available, "used": used, "total": system.total},
        "cuda": host.stash[TOLD] or UNAVAILABLE,
    }


def _resident_bytes(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0
