"""Looks names up and connects, and hears at once, at every step, that the job should stop."""

from __future__ import annotations

import errno
import os
import queue
import selectors
import socket
import threading
import time
from collections.abc import Sequence
from typing import Any

from app.outgoing.watching import Watch

LOOK_EVERY_S = 0.1
SHORTEST_TRY_S = 3.0
UNDER_WAY = frozenset({errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EALREADY, 10035})
"""What systems say of a connection that is being made; the last one is Windows' WSAEWOULDBLOCK."""


def look_up(host: str, port: int, limit_s: float, watch: Watch) -> list[Any]:
    """All addresses of a name, as ``socket.getaddrinfo`` gives them; raises OSError, ValueError for what is no name, JobStopped.

    The system cannot be interrupted while it asks, so it asks in a thread of its own, which nobody waits for when the job stops.
    """
    answer: queue.SimpleQueue[list[Any] | OSError | ValueError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answer.put(list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
        except (OSError, ValueError) as error:
            answer.put(error)

    threading.Thread(target=ask, name="names", daemon=True).start()
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        watch.check()
        try:
            found = answer.get(timeout=LOOK_EVERY_S)
        except queue.Empty:
            continue
        if isinstance(found, list):
            return found
        raise found
    raise TimeoutError(errno.ETIMEDOUT, "its name is not found in time")


def connect_first(found: Sequence[Any], limit_s: float, watch: Watch) -> socket.socket:
    """A connection to the first address that answers; they share the time. Raises the last one's OSError, JobStopped."""
    failure = OSError("the name has no address")
    for family, kind, protocol, _, address in found:
        opened = socket.socket(family, kind, protocol)
        is_open = False
        try:
            _connect(opened, address, max(SHORTEST_TRY_S, limit_s / len(found)), watch)
            opened.settimeout(limit_s)
            is_open = True
            return opened
        except OSError as error:
            failure = error
        finally:
            if not is_open:
                opened.close()
    raise failure


def _connect(opened: socket.socket, address: Any, limit_s: float, watch: Watch) -> None:
    opened.setblocking(False)
    _check(opened.connect_ex(address), UNDER_WAY)
    end = time.monotonic() + limit_s
    with selectors.DefaultSelector() as selector:
        selector.register(opened, selectors.EVENT_WRITE)
        while not selector.select(LOOK_EVERY_S):
            watch.check()
            if time.monotonic() > end:
                raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
    watch.check()
    _check(opened.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))


def _check(code: int, fine: frozenset[int] = frozenset()) -> None:
    if code and code not in fine:
        raise OSError(code, os.strerror(code))
