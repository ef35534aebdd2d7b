"""HTTP to one server: JSON there and back, files, and server-sent events."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from paintbox_client.errors import NoServerError, RefusedError

EVENT_SILENCE_S = 60.0
"""The server says something every 15 seconds on a line with events."""


@dataclass(frozen=True)
class Server:
    """Where the server is and who asks; ``authorization`` is the header's value, "" for none."""

    address: str
    authorization: str = ""
    timeout_s: float = 60.0

    def json(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Any:
        """The answer to a request; raises RefusedError, NoServerError."""
        sent = json.dumps(body).encode() if body is not None else None
        kind = {"Content-Type": "application/json"} if sent is not None else {}
        with self._answer(method, path, sent, {**kind, **(headers or {})}, self.timeout_s) as answer:
            data = answer.read()
        return json.loads(data) if data else None

    def data(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """A file from the server, or the answer to one that is sent."""
        with self._answer(method, path, body, {"Content-Type": "application/octet-stream"} if body else {}, self.timeout_s) as answer:
            return answer.read()

    def events(self, path: str) -> Iterator[Mapping[str, Any]]:
        """Server-sent events as they come; ends with the line."""
        with self._answer("GET", path, None, {"Accept": "text/event-stream"}, max(self.timeout_s, EVENT_SILENCE_S)) as answer:
            for line in _lines(answer):
                if line.startswith(b"data: "):
                    yield json.loads(line[len(b"data: ") :])

    @contextmanager
    def _answer(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], timeout_s: float
    ) -> Iterator[http.client.HTTPResponse]:
        connection = self._connection(timeout_s)
        authorization = {"Authorization": self.authorization} if self.authorization else {}
        try:
            connection.request(method, urlsplit(self.address).path.rstrip("/") + path, body, {**headers, **authorization})
            answer = connection.getresponse()
            if answer.status >= 300:
                raise _refusal(answer.status, answer.read())
            yield answer
        except (OSError, http.client.HTTPException) as error:
            raise NoServerError(f"{self.address}: {error or type(error).__name__}") from error
        finally:
            connection.close()

    def _connection(self, timeout_s: float) -> http.client.HTTPConnection:
        parts = urlsplit(self.address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise NoServerError(f"{self.address!r} is no address of a server; it begins with http:// or https://.")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        return kind(parts.hostname, parts.port, timeout=timeout_s)


def basic(user: str, password: str) -> str:
    """The Authorization header of a name and password."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")


def with_query(path: str, **values: str | int | None) -> str:
    """A path with its query; None leaves a value out."""
    query = urlencode({name: value for name, value in values.items() if value is not None})
    return f"{path}?{query}" if query else path


def segment(text: str) -> str:
    """A text as one part of a path."""
    return quote(text, safe="")


def _lines(answer: http.client.HTTPResponse) -> Iterator[bytes]:
    while line := answer.readline():
        yield line.rstrip(b"\r\n")


def _refusal(status: int, body: bytes) -> RefusedError:
    try:
        told = json.loads(body)
        detail = told.get("detail") or told.get("errors")
        field = str(told.get("field", ""))
    except (ValueError, AttributeError):
        detail, field = body.decode(errors="replace")[:500], ""
    if isinstance(detail, list):
        field = ".".join(str(part) for part in detail[0].get("loc", ())[1:])
        detail = "; ".join(f"{'.'.join(str(part) for part in each.get('loc', ())[1:])}: {each.get('msg')}" for each in detail)
    return RefusedError(str(detail or f"The server answered {status}."), status, field)
