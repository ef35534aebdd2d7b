"""Requests to servers that other people name: https alone, never to this machine or its network, whatever a name or redirect says."""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, quote, unquote_plus, urljoin, urlsplit, urlunsplit

import certifi

from app.api import IPAddress, UserError, is_of_a_network

from .connecting import connect_first, look_up
from .tunnel import open_tunnel
from .watch import Watch

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS = 10
TIMEOUT_S = 30.0
USER_AGENT = "Paintbox"
SECRET_PARTS = frozenset({"key", "sig", "hmac", "jwt", "auth", "policy", "pwd"})
"""Parts of an address that are secrets, without the marks between their words."""
SECRET_WORDS = (
    "token",
    "apikey",
    "accesskey",
    "keypairid",
    "signature",
    "secret",
    "password",
    "credential",
    "authorization",
    "xamz",
    "xgoog",
)
"""What makes every part a secret that has it in its name: sites' tokens, and the signed links of Amazon, Google, Azure, CloudFront."""


@dataclass(frozen=True)
class Network:
    """What may be asked, and where the sites are, as scheme and host.

    ``proxy``: through which everything goes, "" for none; it may know names that this machine does not, which nobody can judge then.
    ``retry_s``: pauses after connections that broke without bringing anything. ``is_refused`` judges every address before it is used.
    """

    allows_http: bool = False
    is_refused: Callable[[IPAddress], bool] = is_of_a_network
    huggingface: str = "https://huggingface.co"
    civitai: str = "https://civitai.com"
    retry_s: tuple[float, ...] = (1.0, 3.0, 10.0, 30.0, 60.0)
    timeout_s: float = TIMEOUT_S
    proxy: str = ""


@dataclass(frozen=True)
class Answer:
    """An answer whose body is still to be read; ``passed`` are the headers of the redirects that led to it, the first one first."""

    url: str
    response: http.client.HTTPResponse
    passed: tuple[Mapping[str, str], ...]

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.response.status

    @property
    def headers(self) -> http.client.HTTPMessage:
        """Its headers."""
        return self.response.headers


def check_url(text: str, network: Network) -> SplitResult:
    """The address in parts; raises UserError that says what is wrong with it and never repeats what may be secret."""
    try:
        url = urlsplit(text.strip())
        has_port = url.port is None or url.port > 0
    except ValueError:
        raise UserError("The address cannot be understood.", field="url") from None
    if url.scheme not in ("https", "http") or not url.hostname or not has_port:
        raise UserError("An address of a file begins with https://.", field="url")
    if url.scheme == "http" and not network.allows_http:
        raise UserError(
            "Files are downloaded over https:// only.", hint="Start Paintbox with --model-download-http to allow http:// too.", field="url"
        )
    if url.username is not None or url.password is not None:
        raise UserError("The address holds a name or a password.", hint="Give it without them.", field="url")
    if known := secret_part(url):
        raise UserError(
            f"The address holds a key or token ({known}), and addresses are kept.",
            hint="Give the page's own address; tokens belong into the settings, section Model files.",
            field="url",
        )
    return url


def secret_part(url: SplitResult) -> str:
    """The word by which a part of the query or fragment is known to be a secret; "" where there is none."""
    for part in re.split("[&;?]", f"{url.query}&{url.fragment}"):
        name = re.sub("[^a-z0-9]", "", unquote_plus(part.partition("=")[0]).lower())
        known = name if name in SECRET_PARTS else next((word for word in SECRET_WORDS if word in name), "")
        if known:
            return known
    return ""


def origin_of(url: str) -> tuple[str, str]:
    """Scheme and host with port: what a token belongs to."""
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.netloc.lower()


def shown(url: str) -> str:
    """The host of an address, which an error may name."""
    return urlsplit(url).hostname or "the server"


@contextmanager
def open_url(url: str, headers: Mapping[str, str], token: str, network: Network, watch: Watch) -> Iterator[Answer]:
    """Ask for ``url`` and follow redirects; ``token`` goes to the first host alone, as long as no redirect has left it.

    Raises UserError for addresses that may not be asked, OSError and HTTPException for connections that fail.
    """
    first = origin_of(url)
    passed: list[Mapping[str, str]] = []
    for _ in range(MOST_REDIRECTS + 1):
        watch.check()
        parts = _allowed(url, network)
        stays = origin_of(url) == first
        connection = _connection(parts, network, watch)
        try:
            connection.connect()
            sent = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", "Connection": "close", **headers}
            connection.request("GET", _target(parts), headers={**sent, "Authorization": f"Bearer {token}"} if token and stays else sent)
            response = connection.getresponse()
            if response.status not in REDIRECTS:
                yield Answer(url, response, tuple(passed))
                return
            passed.append(dict(response.headers.items()))
            token = token if stays else ""
            url = _joined(url, response.headers.get("Location", ""))
        finally:
            connection.close()
            watch.guard(None)
    raise UserError(f"{shown(url)} redirects more than {MOST_REDIRECTS} times.", field="url")


def _allowed(url: str, network: Network) -> SplitResult:
    """The parts of an address, also of one that a redirect gives; its query may hold anything."""
    try:
        parts = urlsplit(url)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        raise UserError("The address leads nowhere.", field="url") from None
    if parts.scheme != "https" and not (parts.scheme == "http" and network.allows_http):
        raise UserError(f"The address leads to {shown(url)} without https://.", field="url", status=403)
    if not parts.hostname or not has_port:
        raise UserError("The address leads nowhere.", field="url")
    return parts


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        raise UserError(f"{shown(url)} redirects to nowhere.", field="url") from None


def _connection(parts: SplitResult, network: Network, watch: Watch) -> http.client.HTTPConnection:
    host = parts.hostname or ""
    if parts.scheme == "http":
        return _Plain(host, parts.port or 80, network, watch)
    return _Secure(host, parts.port or 443, network, watch)


def _target(parts: SplitResult) -> str:
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    return urlunsplit(("", "", path, quote(parts.query, safe="/%:@!$&'()*+,;=~-._?"), ""))


class _Plain(http.client.HTTPConnection):
    """Connects to addresses that were judged, so that a name cannot mean another one a moment later."""

    def __init__(self, host: str, port: int, network: Network, watch: Watch) -> None:
        super().__init__(host, port, timeout=network.timeout_s)
        self._network, self._watch = network, watch

    def connect(self) -> None:
        """Open the socket."""
        self.sock = _open_socket(self.host, self.port, self._network, self._watch)
        self._watch.guard(self.sock)


class _Secure(http.client.HTTPSConnection):
    """The same with TLS, for the host's name."""

    def __init__(self, host: str, port: int, network: Network, watch: Watch) -> None:
        context = ssl.create_default_context()
        context.load_verify_locations(certifi.where())
        super().__init__(host, port, timeout=network.timeout_s, context=context)
        self._network, self._tls, self._watch = network, context, watch

    def connect(self) -> None:
        """Open the socket and agree on keys."""
        raw = _open_socket(self.host, self.port, self._network, self._watch)
        try:
            secured = self._tls.wrap_socket(raw, server_hostname=self.host, do_handshake_on_connect=False)
        except (OSError, ValueError):
            raw.close()
            raise
        self.sock = secured
        self._watch.guard(secured)
        secured.do_handshake()


def _open_socket(host: str, port: int, network: Network, watch: Watch) -> socket.socket:
    """Connect to the first address that answers; raises UserError when the name means an address that may not be asked."""
    found = _addresses(host, port, network, watch)
    if network.proxy:
        return open_tunnel(network.proxy, (host, port), network.timeout_s, watch)
    return connect_first(found, network.timeout_s, watch)


def _addresses(host: str, port: int, network: Network, watch: Watch) -> list[Any]:
    """All addresses of a name, as ``socket.getaddrinfo`` gives them; none where only a proxy knows it."""
    try:
        found = look_up(host, port, network.timeout_s, watch)
    except socket.gaierror:
        if not network.proxy:
            raise
        return []
    except ValueError as error:
        raise UserError("The address holds no host name.", field="url") from error
    for *_, address in found:
        if network.is_refused(ipaddress.ip_address(str(address[0]).partition("%")[0])):
            raise UserError(
                f"{host} is an address of this machine or its network.",
                hint="Start Paintbox with --model-download-private to allow them.",
                field="url",
                status=403,
            )
    return found
