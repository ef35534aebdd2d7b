"""A connection through an HTTP proxy: it is asked to pass bytes on, and sees only encrypted ones."""

from __future__ import annotations

import base64
import socket
import time
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from app.errors import UserError
from app.outgoing.connecting import connect_first, look_up
from app.outgoing.watching import Watch

DEFAULT_PORT = 8080
LONGEST_ANSWER_BYTES = 16 * 1024


@dataclass(frozen=True)
class Proxy:
    """``address``: HOST:PORT or http://NAME:PASSWORD@HOST:PORT; ``named_by``: what says so, for errors, which never show the address."""

    address: str
    named_by: str


class ProxyError(OSError):
    """The proxy refuses, or is none; the text holds nothing secret."""


def open_tunnel(proxy: Proxy, target: tuple[str, int], timeout_s: float, watch: Watch) -> socket.socket:
    """A socket that leads to ``target`` (host, port); raises UserError for what is no proxy, OSError when it refuses."""
    parts = urlsplit(proxy.address if "://" in proxy.address else f"http://{proxy.address}")
    if parts.scheme != "http" or not parts.hostname:
        raise UserError(f"{proxy.named_by} must be http://HOST:PORT.", status=503)
    host, port = target
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {place} HTTP/1.1", f"Host: {place}"]
    if parts.username:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        lines.append(f"Proxy-Authorization: Basic {base64.b64encode(pair.encode()).decode()}")
    opened = connect_first(look_up(parts.hostname, parts.port or DEFAULT_PORT, timeout_s, watch), timeout_s, watch)
    is_open = False
    try:
        watch.guard(opened)
        opened.sendall("\r\n".join([*lines, "", ""]).encode("ascii"))
        _check_answer(opened, timeout_s, watch)
        opened.settimeout(timeout_s)
        is_open = True
    except UnicodeError as error:
        raise ProxyError("the address cannot be given to the proxy") from error
    finally:
        if not is_open:
            opened.close()
    return opened


def _check_answer(opened: socket.socket, limit_s: float, watch: Watch) -> None:
    """Read the proxy's answer, and nothing behind it; raises OSError unless it agrees, and within the time for all of it."""
    answer, end = b"", time.monotonic() + limit_s
    while not answer.endswith(b"\r\n\r\n"):
        watch.check()
        left_s = end - time.monotonic()
        if left_s <= 0:
            raise ProxyError("the proxy does not answer in time")
        opened.settimeout(left_s)
        block = opened.recv(1)
        if not block or len(answer) > LONGEST_ANSWER_BYTES:
            raise ProxyError("the proxy does not answer as one")
        answer += block
    status = answer.split(b" ", 2)[1:2]
    if status != [b"200"]:
        raise ProxyError(f"the proxy answers with {b''.join(status).decode('ascii', 'replace')[:10]}")
