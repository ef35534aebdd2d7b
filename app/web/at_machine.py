"""Whether somebody asks from this machine itself, with nobody in between who can be seen."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from app import hookspecs

if TYPE_CHECKING:
    from app.host import Host

FORWARDED = (
    "forwarded",
    "via",
    "x-forwarded",
    "x-original-",
    "x-real-",
    "x-client-",
    "x-cluster-",
    "x-envoy-",
    "x-remote-",
    "true-client-",
    "fastly-",
    "fly-",
    "cf-",
    "cdn-",
)
"""Beginnings of the headers by which a proxy or a tunnel on this machine tells that it speaks for somebody else."""
OLD_HTTP = "1.0"
"""What proxies such as nginx speak when nobody has told them otherwise; browsers have not for decades."""


def is_direct(address: str, headers: Mapping[str, str], http_version: str = "1.1") -> bool:
    """True for a request that somebody at this machine makes to it as this machine, with nobody in between who can be seen.

    ``address``: the other end of the connection; ``headers`` with lower-case keys. A proxy on this machine that changes the name in the
    address to 127.0.0.1, speaks HTTP/1.1 and adds no header of its own cannot be told from somebody at this machine.
    """
    if not is_local(address) or http_version == OLD_HTTP or any(name.startswith(FORWARDED) for name in headers):
        return False
    origin = headers.get("origin", "")
    return is_local(_name(f"//{headers.get('host', '')}")) and (not origin or is_local(_name(origin)))


def is_local(name: str) -> bool:
    """True for a name or address of this machine itself."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        ip = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return (mapped or ip).is_loopback


def sits_here(asking: HTTPConnection) -> bool:
    """True for somebody at this machine itself, with or without an account."""
    address = asking.client.host if asking.client else ""
    return is_direct(address, asking.headers, str(asking.scope.get("http_version", "")))


def is_trusted_here(asking: HTTPConnection, host: Host) -> bool:
    """True for somebody at this machine where there are no accounts: with accounts, nobody has more rights for having no name."""
    if not sits_here(asking):
        return False
    answer = host.hooks.first(hookspecs.requires_login, True, realm="page", host=host)
    return answer is None or answer.value is not True


def _name(url: str) -> str:
    """The host name in an address; "" where there is none."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
