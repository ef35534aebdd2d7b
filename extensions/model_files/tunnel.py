"""A connection through an HTTP proxy that the command line names: it is asked to pass bytes on, and sees only encrypted ones."""

from __future__ import annotations

import base64
import socket
from urllib.parse import unquote, urlsplit

from app.api import UserError

DEFAULT_PORT = 8080
LONGEST_ANSWER_BYTES = 16 * 1024


class ProxyError(OSError):
    """The proxy refuses, or is none; the text holds nothing secret."""


def open_tunnel(proxy: str, host: str, port: int, timeout_s: float) -> socket.socket:
    """A socket that leads to ``host``; raises OSError when the proxy cannot be reached or refuses, UserError for one of another sort."""
    parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    if parts.scheme != "http" or not parts.hostname:
        raise UserError("--model-download-proxy must be http://HOST:PORT.", status=503)
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if parts.username:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        lines.append(f"Proxy-Authorization: Basic {base64.b64encode(pair.encode()).decode()}")
    opened = socket.create_connection((parts.hostname, parts.port or DEFAULT_PORT), timeout_s)
    try:
        opened.sendall("\r\n".join([*lines, "", ""]).encode("ascii"))
        _check_answer(opened)
    except (OSError, UnicodeError) as error:
        opened.close()
        raise error if isinstance(error, OSError) else ProxyError("the address cannot be given to the proxy") from error
    return opened


def _check_answer(opened: socket.socket) -> None:
    """Read the proxy's answer, and nothing behind it; raises OSError unless it agrees."""
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        block = opened.recv(1)
        if not block or len(answer) > LONGEST_ANSWER_BYTES:
            raise ProxyError("the proxy does not answer as one")
        answer += block
    status = answer.split(b" ", 2)[1:2]
    if status != [b"200"]:
        raise ProxyError(f"the proxy answers with {b''.join(status).decode('ascii', 'replace')[:10]}")
