"""Which host names and origins a request may carry: the defence against DNS rebinding and cross-site requests."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Mapping
from functools import cached_property
from urllib.parse import urlsplit

from app.values.options import StartOptions

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
HOME_ENDINGS = (".local", ".localdomain", ".lan", ".home", ".home.arpa", ".internal")
"""Endings of names in a home or office network; nobody can buy a name with one of them."""
REMEDY = "Start Paintbox with --cors-allow-origins <origin> if that page may use it."


class OriginRules:
    """Made once from the start options; ``problem`` judges the headers of one request."""

    def __init__(self, options: StartOptions) -> None:
        self._allowed = frozenset(origin.rstrip("/") for origin in options.cors_allow_origins)
        self._pattern = re.compile(options.cors_allow_origins_regex) if options.cors_allow_origins_regex else None
        allowed_names = {_name(urlsplit(origin).netloc) for origin in self._allowed}
        self._names = LOCAL_NAMES | allowed_names | {options.host_name.lower()}
        self._is_exposed = options.is_exposed

    def strange_name(self, headers: Mapping[str, str]) -> str:
        """Why the name by which Paintbox was called is refused unless a password protects it; "" when the name may be used.

        A page elsewhere can let its own name point to this machine, and would then be let in as this machine's page.
        """
        host = headers.get("host", "")
        name = _name(host)
        if name in self._names or name.endswith(".localhost") or self._is_allowed(f"http://{host}") or self._is_allowed(f"https://{host}"):
            return ""
        if not self._is_exposed:
            return f"This Paintbox answers on this machine only, not as {name!r}. {REMEDY}"
        if name == socket.gethostname().lower() or _is_of_this_network(name):
            return ""
        return f"Without a password this Paintbox does not answer as {name!r}. {REMEDY} Or set a password, or use the address in numbers."

    def is_full_name(self, headers: Mapping[str, str]) -> bool:
        """True when Paintbox was called by this machine's full name; asks the network the first time, which may take seconds."""
        return _name(headers.get("host", "")) == self._full_name

    @cached_property
    def _full_name(self) -> str:
        return socket.getfqdn().lower()

    @property
    def framing(self) -> str:
        """Content-Security-Policy by which no other site shows this page in a frame and has people click there; "" where any may."""
        if "*" in self._allowed or self._pattern is not None:
            return ""
        return " ".join(("frame-ancestors 'self'", *sorted(self._allowed)))

    def problem(self, headers: Mapping[str, str]) -> str:
        """Why the request is refused; "" when it may go on. ``headers`` has lower-case keys."""
        host, origin = headers.get("host", ""), headers.get("origin", "")
        if origin and not self._is_same(origin, host) and not self._is_allowed(origin):
            return f"Requests from pages of {origin} are refused. {REMEDY}"
        if not origin and headers.get("sec-fetch-site") == "cross-site" and headers.get("sec-fetch-mode") != "navigate":
            return f"Requests from pages of other sites are refused. {REMEDY}"
        return ""

    def _is_same(self, origin: str, host: str) -> bool:
        return urlsplit(origin).netloc.lower() == host.lower()

    def _is_allowed(self, origin: str) -> bool:
        return "*" in self._allowed or origin in self._allowed or bool(self._pattern and self._pattern.fullmatch(origin))


def _is_of_this_network(name: str) -> bool:
    """True for an address in numbers, a name without a dot, and one that only a local network knows."""
    if "." not in name or name.endswith(HOME_ENDINGS):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _name(netloc: str) -> str:
    """The host name of ``name:port`` or ``[address]:port``."""
    try:
        return (urlsplit(f"//{netloc}").hostname or "").lower()
    except ValueError:
        return ""
