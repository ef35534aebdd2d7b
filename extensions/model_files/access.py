"""Who may change model files: by default only somebody at this machine, because what is put there stays for everybody."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import TYPE_CHECKING

from app.api import UserError, Value

if TYPE_CHECKING:
    from app.api import Host

OPEN_FLAG = "enable-model-file-access"
USERS_FLAG = "model-file-users"
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
"""Headers by which a proxy on this machine tells that it speaks for somebody else."""


class Access(Value):
    """Whether the one who asks may; ``reason`` says why not, and what would change it."""

    allowed: bool
    reason: str = ""


def access_of(user: str, address: str, headers: Mapping[str, str], host: Host) -> Access:
    """``user``: name of the account, "" without accounts; ``address``: the other end of the connection."""
    if host.options.flag(OPEN_FLAG):
        return Access(allowed=True)
    named = {name.strip() for text in host.options.flag_texts(USERS_FLAG) for name in text.split(",")} - {""}
    if user:
        reason = (
            f"The account {user!r} may not change model files: start Paintbox with --{USERS_FLAG} {user}, or --{OPEN_FLAG} for everybody."
        )
        return Access(allowed=True) if user in named else Access(allowed=False, reason=reason)
    if is_local(address) and not any(name in headers for name in FORWARDED):
        return Access(allowed=True)
    reason = f"Model files may be changed at the machine itself only, unless Paintbox is started with --{OPEN_FLAG}."
    return Access(allowed=False, reason=reason)


def check_access(access: Access) -> None:
    """Raise UserError (403) when the one who asks may not."""
    if not access.allowed:
        raise UserError(access.reason, status=403)


def is_local(address: str) -> bool:
    """True for an address of this machine itself."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return (mapped or ip).is_loopback
