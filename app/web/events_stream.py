"""A job's events as server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from pydantic import BaseModel

KEEP_ALIVE_S = 15.0
HEADERS = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}


async def encode_events(events: AsyncIterator[BaseModel], keep_alive_s: float = KEEP_ALIVE_S) -> AsyncIterator[str]:
    """Each event as ``event: <type>`` with its JSON; a comment line now and then, so that proxies keep the line open."""
    iterator = aiter(events)
    waiting: asyncio.Task[Any] | None = None
    try:
        while True:
            waiting = waiting or asyncio.ensure_future(anext(iterator))
            done, _ = await asyncio.wait({waiting}, timeout=keep_alive_s)
            if not done:
                yield ": still here\n\n"
                continue
            try:
                event = waiting.result()
            except StopAsyncIteration:
                return
            waiting = None
            yield encode_event(event)
    finally:
        if waiting is not None:
            waiting.cancel()


def encode_event(event: BaseModel) -> str:
    """One event; values of a type without ``type`` field are named after their class."""
    name = getattr(event, "type", None) or type(event).__name__.lower()
    return f"event: {name}\ndata: {event.model_dump_json()}\n\n"
