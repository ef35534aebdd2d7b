"""A job's events as server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, TypeVar

KEEP_ALIVE_S = 15.0
HEADERS = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}


T = TypeVar("T")


async def encode_events(
    events: AsyncIterator[T], to_json: Callable[[T], Mapping[str, Any]], keep_alive_s: float = KEEP_ALIVE_S
) -> AsyncIterator[str]:
    """Each event as ``event: <its type>`` with its JSON; a comment line now and then, so that proxies keep the line open."""
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
            yield encode_event(to_json(event))
    finally:
        if waiting is not None:
            waiting.cancel()


def encode_event(event: Mapping[str, Any]) -> str:
    """One event; its ``type`` becomes the event's name."""
    return f"event: {event['type']}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n"
