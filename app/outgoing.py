"""Requests to servers that users name: never to this machine or its network unless that is allowed, whatever a name says."""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

import certifi

from app.errors import UserError
from app.version import HOST_VERSION

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
NAT64 = ipaddress.ip_network("64:ff9b::/96")
LOCAL_NAMES = ("localhost", "local", "internal", "localdomain")
"""These, and whatever ends in them, never lead out."""
LONGEST_URL = 2000
USER_AGENT = f"Paintbox/{HOST_VERSION}"


def is_of_a_network(ip: IPAddress) -> bool:
    """True for every address that is not out on the internet: loopback, private, link-local, shared, reserved, also wrapped in IPv6."""
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_of_a_network(inner)
    return not ip.is_global or ip.is_multicast


@dataclass(frozen=True)
class Outgoing:
    """``method`` to ``url``; the whole exchange, without reading the answer's body, takes at most ``limit_s`` seconds."""

    method: str
    url: str
    body: bytes | None = None
    headers: Mapping[str, str] | None = None
    allows_private: bool = False
    limit_s: float = 15.0


def check_outgoing_url(text: str, field: str, *, allows_private: bool = False) -> SplitResult:
    """The address in parts; raises UserError for what cannot be asked, as far as that is seen without looking its name up."""
    try:
        url = urlsplit(text)
        is_fine = url.scheme in ("http", "https") and bool(url.hostname) and (url.port is None or url.port > 0)
    except ValueError:
        is_fine = False
    if not is_fine or len(text) > LONGEST_URL or not text.isprintable() or not text.isascii() or " " in text:
        raise UserError(f"{field}: an address begins with http:// or https://, and holds no spaces.", field=field)
    if url.username is not None or url.password is not None:
        raise UserError(f"{field}: the address holds a name or a password.", hint="Give it without them.", field=field)
    if not allows_private and _is_plainly_inside(str(url.hostname).partition("%")[0]):
        raise _private(str(url.hostname), field)
    return url


def _is_plainly_inside(host: str) -> bool:
    """What is seen without looking the name up: addresses, also in the old spellings like 0x7f.1 and 2130706433, and local names."""
    host = host.rstrip(".").lower()
    if host in LOCAL_NAMES or host.endswith(tuple(f".{name}" for name in LOCAL_NAMES)):
        return True
    try:
        return is_of_a_network(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return is_of_a_network(ipaddress.IPv4Address(socket.inet_aton(host)))
    except (OSError, ValueError):
        return False


@contextmanager
def ask_server(wanted: Outgoing, field: str) -> Iterator[http.client.HTTPResponse]:
    """The answer, redirects among them, whose body is still to be read; raises UserError, OSError, HTTPException.

    A name is looked up once, and the connection goes to an address that was judged.
    """
    url = check_outgoing_url(wanted.url, field, allows_private=wanted.allows_private)
    found = _addresses(url, wanted, field)
    connection = _connection(url, wanted, found)
    is_late = threading.Event()
    watchdog = threading.Timer(wanted.limit_s, lambda: _cut(connection, is_late))
    watchdog.daemon = True
    watchdog.start()
    try:
        path = quote(url.path or "/", safe="/%:@!$&'()*+,;=~-._")
        target = urlunsplit(("", "", path, quote(url.query, safe="/%:@!$&'()*+,;=~-._?"), ""))
        headers = {"User-Agent": USER_AGENT, "Connection": "close", "Accept-Encoding": "identity", **(wanted.headers or {})}
        connection.request(wanted.method, target, body=wanted.body, headers=headers)
        answer = connection.getresponse()
        if is_late.is_set():
            raise TimeoutError(f"{url.hostname} did not answer in time")
        yield answer
    finally:
        watchdog.cancel()
        connection.close()


def _cut(connection: http.client.HTTPConnection, is_late: threading.Event) -> None:
    """End an exchange that takes too long: whoever reads from it hears of an end."""
    is_late.set()
    if connection.sock is not None:
        try:
            connection.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return


def _addresses(url: SplitResult, wanted: Outgoing, field: str) -> list[Any]:
    """All addresses of the name, as ``socket.getaddrinfo`` gives them."""
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        found = list(socket.getaddrinfo(url.hostname, port, type=socket.SOCK_STREAM))
    except ValueError as error:
        raise UserError(f"{field}: the address holds no host name.", field=field) from error
    for *_, address in found:
        if not wanted.allows_private and is_of_a_network(ipaddress.ip_address(str(address[0]).partition("%")[0])):
            raise _private(str(url.hostname), field)
    return found


def _private(host: str, field: str) -> UserError:
    return UserError(f"{field}: {host} is an address of this machine or its network, and those are not asked.", field=field, status=403)


def _connection(url: SplitResult, wanted: Outgoing, found: list[Any]) -> http.client.HTTPConnection:
    host = str(url.hostname)
    if url.scheme == "http":
        return _Plain(host, url.port or 80, found, wanted.limit_s)
    return _Secure(host, url.port or 443, found, wanted.limit_s)


def _open_socket(found: list[Any], limit_s: float) -> socket.socket:
    failure = OSError("the name has no address")
    for family, kind, protocol, _, address in found:
        opened = socket.socket(family, kind, protocol)
        opened.settimeout(limit_s / len(found))
        try:
            opened.connect(address)
        except OSError as error:
            opened.close()
            failure = error
        else:
            opened.settimeout(limit_s)
            return opened
    raise failure


class _Plain(http.client.HTTPConnection):
    """Connects to addresses that were judged, so that a name cannot mean another one a moment later."""

    def __init__(self, host: str, port: int, found: list[Any], limit_s: float) -> None:
        super().__init__(host, port, timeout=limit_s)
        self._found, self._limit_s = found, limit_s

    def connect(self) -> None:
        """Open the socket."""
        self.sock = _open_socket(self._found, self._limit_s)


class _Secure(http.client.HTTPSConnection):
    """The same with TLS, for the host's name."""

    def __init__(self, host: str, port: int, found: list[Any], limit_s: float) -> None:
        context = ssl.create_default_context()
        context.load_verify_locations(certifi.where())
        super().__init__(host, port, timeout=limit_s, context=context)
        self._found, self._limit_s, self._tls = found, limit_s, context

    def connect(self) -> None:
        """Open the socket and agree on keys."""
        raw = _open_socket(self._found, self._limit_s)
        try:
            secured = self._tls.wrap_socket(raw, server_hostname=self.host, do_handshake_on_connect=False)
        except (OSError, ValueError):
            raw.close()
            raise
        self.sock = secured  # from here on the exchange can be cut
        secured.do_handshake()
