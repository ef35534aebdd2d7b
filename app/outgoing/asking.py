"""Requests to servers that users name: never to this machine or its network unless that is allowed, whatever a name or redirect says."""

from __future__ import annotations

import http.client
import ipaddress
import os
import socket
import ssl
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

import certifi

from app.errors import UserError
from app.outgoing.addresses import IsRefused, check_outgoing_url, inside_error, is_of_a_network, is_plainly_inside
from app.outgoing.connecting import connect_first, look_up
from app.outgoing.tunnel import Proxy, open_tunnel
from app.outgoing.watching import Deadline, Watch
from app.version import HOST_VERSION

REDIRECTS = frozenset({301, 302, 303, 307, 308})
USER_AGENT = f"Paintbox/{HOST_VERSION}"


@dataclass(frozen=True)
class Outgoing:
    """``method`` to ``url``; the whole exchange, the answer's body included, takes at most ``limit_s`` seconds.

    ``redirects``: how many are followed, as GET; with none the answer may be a redirect itself. ``secret_headers`` go to the first server
    alone, as long as no redirect has left it.
    """

    method: str
    url: str
    body: bytes | None = None
    headers: Mapping[str, str] | None = None
    allows_private: bool = False
    limit_s: float = 15.0
    redirects: int = 0
    schemes: tuple[str, ...] = ("http", "https")
    secret_headers: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Way:
    """How servers are reached. ``is_refused`` judges every address before it is used; ``hint`` is for whoever meets its refusal.

    ``proxy``: through which everything goes; it may know names that this machine does not, which nobody can judge then.
    ``certificates``: a file of more authorities. ``timeout_s``: for the name, the connection, and each time nothing arrives.
    """

    is_refused: IsRefused = is_of_a_network
    timeout_s: float = 15.0
    proxy: Proxy | None = None
    hint: str = ""
    certificates: str = ""


@dataclass(frozen=True)
class ServerAnswer:
    """An answer whose body is still to be read, and the address that gave it.

    ``passed``: the headers of the redirects that led to it, the first one first. ``peer``: the machine's address, "" behind a proxy.
    """

    url: str
    response: http.client.HTTPResponse
    passed: tuple[Mapping[str, str], ...]
    watch: Watch
    peer: str = ""

    def read(self, most_bytes: int, field: str) -> bytes:
        """All of the body; raises UserError that names ``field`` when it is larger, OSError and HTTPException when it breaks off."""
        data = self.response.read(most_bytes + 1)
        if len(data) > most_bytes:
            raise UserError(f"{field}: the file is larger than {most_bytes >> 20} MB.", field=field, status=413)
        self.watch.check()
        if self.response.length:
            raise http.client.IncompleteRead(data, self.response.length)
        return data

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.response.status

    @property
    def headers(self) -> http.client.HTTPMessage:
        """Its headers."""
        return self.response.headers


@contextmanager
def ask_server(wanted: Outgoing, field: str, way: Way | None = None) -> Iterator[ServerAnswer]:
    """The answer, whose body is still to be read; raises UserError that names ``field``, OSError, HTTPException.

    A name is looked up once, and the connection goes to an address that was judged.
    """
    check_outgoing_url(wanted.url, field, allows_private=wanted.allows_private, schemes=wanted.schemes)
    way = replace(way or Way(), timeout_s=wanted.limit_s)
    if wanted.allows_private:
        way = replace(way, is_refused=lambda ip: False)
    with Deadline(wanted.limit_s) as watch, ask_watched(wanted, field, way, watch) as answer:
        yield answer


@contextmanager
def ask_watched(wanted: Outgoing, field: str, way: Way, watch: Watch) -> Iterator[ServerAnswer]:
    """The same for whoever watches over the time, and knows that the first address is one: ``way`` judges each on the way."""
    url, first, secret = wanted.url, origin_of(wanted.url), dict(wanted.secret_headers or {})
    passed: list[Mapping[str, str]] = []
    for _ in range(wanted.redirects + 1):
        watch.check()
        parts = _parts(url, wanted, field, way)
        connection = _connection(parts, field, way, watch)
        try:
            connection.connect()
            watch.guard(connection.sock)
            peer = "" if way.proxy else str(connection.sock.getpeername()[0])
            sent = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", "Connection": "close", **(wanted.headers or {}), **secret}
            connection.request("GET" if passed else wanted.method, _target(parts), body=None if passed else wanted.body, headers=sent)
            response = connection.getresponse()
            watch.check()
            if response.status not in REDIRECTS or not wanted.redirects:
                yield ServerAnswer(url, response, tuple(passed), watch, peer)
                return
            passed.append(dict(response.headers.items()))
            url = _joined(url, response.headers.get("Location", ""), field)
            secret = secret if origin_of(url) == first else {}
        finally:
            connection.close()
            watch.guard(None)
    raise UserError(f"{host_shown(url)} redirects more than {wanted.redirects} times.", field=field)


def check_name(host: str, field: str, limit_s: float) -> None:
    """Raise UserError for a name that means an address of this machine or its network now; one that cannot be looked up now passes."""
    try:
        with Deadline(limit_s) as watch:
            _Opening(field, Way(timeout_s=limit_s), watch).addresses(host, 0)
    except OSError:
        return


def environment_proxy(url: str) -> Proxy | None:
    """The proxy that this machine's environment names for an address; None also for what is no address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    named = urllib.request.getproxies()
    address = named.get(parts.scheme) or named.get("all") or ""
    if not address or urllib.request.proxy_bypass(parts.hostname or ""):
        return None
    return Proxy(address, f"The environment's {parts.scheme}_proxy")


def origin_of(url: str) -> tuple[str, str]:
    """Scheme and host with port: what a secret belongs to."""
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.netloc.lower()


def host_shown(url: str) -> str:
    """The host of an address, which an error may name."""
    return urlsplit(url).hostname or "the server"


def network_reason(error: Exception) -> str:
    """Why no answer came, in words without the system's number."""
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _parts(url: str, wanted: Outgoing, field: str, way: Way) -> SplitResult:
    """The parts of an address, also of one that a redirect gives; its query may hold anything."""
    try:
        parts = urlsplit(url)
        is_fine = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        raise UserError(f"{field}: the address leads nowhere.", field=field) from None
    if parts.scheme not in wanted.schemes:
        raise UserError(f"{field}: the address leads to {host_shown(url)} without {wanted.schemes[-1]}://.", field=field, status=403)
    if not is_fine:
        raise UserError(f"{field}: the address leads nowhere.", field=field)
    if is_plainly_inside(parts.hostname or "", way.is_refused):
        raise inside_error(parts.hostname or "", field, way.hint)
    return parts


def _joined(url: str, location: str, field: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        raise UserError(f"{field}: {host_shown(url)} redirects to nowhere.", field=field) from None


def _target(parts: SplitResult) -> str:
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    return urlunsplit(("", "", path, quote(parts.query, safe="/%:@!$&'()*+,;=~-._?"), ""))


def _connection(parts: SplitResult, field: str, way: Way, watch: Watch) -> http.client.HTTPConnection:
    host = parts.hostname or ""
    if parts.scheme == "http":
        return _Plain(host, parts.port or 80, _Opening(field, way, watch))
    return _Secure(host, parts.port or 443, _Opening(field, way, watch))


@dataclass(frozen=True)
class _Opening:
    """Makes connections to what was judged."""

    field: str
    way: Way
    watch: Watch

    def open(self, host: str, port: int) -> socket.socket:
        """Connect to the first address that answers; raises UserError when the name means an address that may not be asked."""
        found = self.addresses(host, port)
        if self.way.proxy is not None:
            return open_tunnel(self.way.proxy, (host, port), self.way.timeout_s, self.watch)
        return connect_first(found, self.way.timeout_s, self.watch)

    def addresses(self, host: str, port: int) -> list[Any]:
        """All addresses of a name, as ``socket.getaddrinfo`` gives them; none where only a proxy knows it."""
        try:
            found = look_up(host, port, self.way.timeout_s, self.watch)
        except socket.gaierror:
            if self.way.proxy is None:
                raise
            return []
        except ValueError as error:
            raise UserError(f"{self.field}: the address holds no host name.", field=self.field) from error
        for *_, address in found:
            if self.way.is_refused(ipaddress.ip_address(str(address[0]).partition("%")[0])):
                raise inside_error(host, self.field, self.way.hint)
        return found

    def context(self) -> ssl.SSLContext:
        """TLS that trusts the system's authorities, certifi's, and those of the network's own."""
        context = ssl.create_default_context()
        context.load_verify_locations(certifi.where())
        if self.way.certificates and os.path.isfile(self.way.certificates):
            context.load_verify_locations(self.way.certificates)
        return context


class _Plain(http.client.HTTPConnection):
    """Connects to addresses that were judged, so that a name cannot mean another one a moment later."""

    def __init__(self, host: str, port: int, opening: _Opening) -> None:
        super().__init__(host, port, timeout=opening.way.timeout_s)
        self._opening = opening

    def connect(self) -> None:
        """Open the socket."""
        self.sock = self._opening.open(self.host, self.port)


class _Secure(http.client.HTTPSConnection):
    """The same with TLS, for the host's name."""

    def __init__(self, host: str, port: int, opening: _Opening) -> None:
        self._tls = opening.context()
        super().__init__(host, port, timeout=opening.way.timeout_s, context=self._tls)
        self._opening = opening

    def connect(self) -> None:
        """Open the socket and agree on keys."""
        raw = self._opening.open(self.host, self.port)
        try:
            secured = self._tls.wrap_socket(raw, server_hostname=self.host, do_handshake_on_connect=False)
        except (OSError, ValueError):
            raw.close()
            raise
        self.sock = secured
        self._opening.watch.guard(secured)  # from here on the exchange can be cut
        secured.do_handshake()
