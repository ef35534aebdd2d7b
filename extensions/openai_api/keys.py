"""The keys of the command line, and whether somebody has one."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from app.api import Credentials

if TYPE_CHECKING:
    from app.api import Host

FLAG = "api-key"


def keys_of(host: Host) -> list[str]:
    """The keys that were given."""
    return [key for key in host.options.flag_texts(FLAG) if key]


def is_key(credentials: Credentials, host: Host) -> bool:
    """True for a key, which comes without a name; takes as long for a wrong one, wherever it differs."""
    given = f"{credentials.username}:{credentials.password}" if credentials.username else credentials.password
    return sum(hmac.compare_digest(given.encode(), key.encode()) for key in keys_of(host)) > 0
