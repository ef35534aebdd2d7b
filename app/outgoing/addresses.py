"""Which servers may be asked: judges addresses of machines, names, and whole addresses as users type them, without looking names up."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable
from urllib.parse import SplitResult, urlsplit

from app.errors import UserError

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IsRefused = Callable[[IPAddress], bool]
INTERNET = ipaddress.ip_network("2000::/3")
"""What of IPv6 leads anywhere. Outside lie IPv4-compatible addresses, the NAT64 of a network, site-local ones and all that is reserved."""
NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""The one exception: the internet's IPv4 addresses for networks without IPv4."""
RELAYS = ipaddress.ip_network("192.88.99.0/24")
"""Of 6to4: whichever machine is nearest answers to them, which may be one of this network."""
LOCAL_NAMES = ("localhost", "local", "internal", "localdomain", "lan", "home", "home.arpa")
"""These, and whatever ends in them, never lead out."""
LONGEST_URL = 2000
THIS_MACHINE = ipaddress.IPv4Address("127.0.0.1")
_NAME = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?")


def is_of_a_network(ip: IPAddress) -> bool:
    """True for every address that is not out on the internet: loopback, private, link-local, shared, reserved, also wrapped in IPv6."""
    if isinstance(ip, ipaddress.IPv4Address):
        return not ip.is_global or ip.is_multicast or ip in RELAYS
    inner = ip.ipv4_mapped or ip.sixtofour or (ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in NAT64 else None)
    if inner is not None:
        return is_of_a_network(inner)
    return ip not in INTERNET or not ip.is_global


def is_plainly_inside(host: str, is_refused: IsRefused = is_of_a_network) -> bool:
    """What is seen without looking the name up: addresses, also in the old spellings like 0x7f.1 and 2130706433, and local names."""
    host = host.partition("%")[0].rstrip(".").lower()
    if host in LOCAL_NAMES or host.endswith(tuple(f".{name}" for name in LOCAL_NAMES)):
        return is_refused(THIS_MACHINE)
    ip = _ip_of(host)
    return ip is not None and is_refused(ip)


def _ip_of(host: str) -> IPAddress | None:
    """The address that a host in numbers means; None for names."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None


def is_host(host: str) -> bool:
    """True for a name or an address, in ASCII and without any escapes that one program undoes and another does not."""
    return bool(_NAME.fullmatch(host)) or _ip_of(host.partition("%")[0]) is not None


def check_outgoing_url(text: str, field: str, *, allows_private: bool = False, schemes: tuple[str, ...] = ("http", "https")) -> SplitResult:
    """The address in parts; raises UserError for what cannot be asked, as far as that is seen without looking its name up."""
    try:
        url = urlsplit(text)
        is_fine = url.scheme in schemes and is_host(url.hostname or "") and (url.port is None or url.port > 0)
    except ValueError:
        is_fine = False
    if not is_fine or len(text) > LONGEST_URL or not text.isprintable() or not text.isascii() or " " in text:
        beginnings = " or ".join(f"{scheme}://" for scheme in schemes)
        raise UserError(f"{field}: an address begins with {beginnings}, and holds no spaces.", field=field)
    if url.username is not None or url.password is not None:
        raise UserError(f"{field}: the address holds a name or a password.", hint="Give it without them.", field=field)
    if not allows_private and is_plainly_inside(str(url.hostname)):
        raise inside_error(str(url.hostname), field)
    return url


def inside_error(host: str, field: str, hint: str = "") -> UserError:
    """What is said of a host that may not be asked."""
    return UserError(
        f"{field}: {host} is an address of this machine or its network, and those are not asked.", hint=hint, field=field, status=403
    )
