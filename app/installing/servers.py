"""Where git may go: an address is asked once by the guarded network code, and git is then held to the server that was judged."""

from __future__ import annotations

import http.client
import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from app.errors import UserError
from app.outgoing.asking import Outgoing, ServerAnswer, Way, ask_server, environment_proxy, host_shown, network_reason

FIELD = "url"
ASKING = "/info/refs?service=git-upload-pack"
"""What git itself asks first."""
MOST_REDIRECTS = 5
LIMIT_S = 30.0
CERTIFICATES = "GIT_SSL_CAINFO"


class Ask(Protocol):
    """The guarded request; another one in tests."""

    def __call__(self, wanted: Outgoing, field: str, way: Way | None = None) -> AbstractContextManager[ServerAnswer]:
        """The answer, whose body is still to be read."""


@dataclass(frozen=True)
class GitServer:
    """What git is told of one address: the ``final`` one behind all redirects, and the machine's address that was judged."""

    address: str
    final: str
    peer: str

    def config(self) -> Mapping[str, str]:
        """git's settings that keep it there; it follows no redirect beside them."""
        parts = urlsplit(self.final)
        told = {f"url.{self.final}.insteadOf": self.address}  # also where both are one: it wins over what a folder says
        if self.peer:
            peer = f"[{self.peer}]" if ":" in self.peer else self.peer
            told["http.curloptResolve"] = f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}:{peer}"
        return told


def find_server(address: str, schemes: tuple[str, ...], ask: Ask = ask_server) -> GitServer:
    """Ask a web address as git would; raises UserError for one that leads into this machine's network, or to no server."""
    asked = address.rstrip("/")
    wanted = Outgoing("GET", asked + ASKING, limit_s=LIMIT_S, redirects=MOST_REDIRECTS, schemes=schemes)
    way = Way(proxy=environment_proxy(address), certificates=os.environ.get(CERTIFICATES, ""))
    try:
        with ask(wanted, FIELD, way) as answer:
            url, peer = answer.url, answer.peer
    except (OSError, http.client.HTTPException) as error:
        raise UserError(f"{host_shown(address)} cannot be reached: {network_reason(error)}.", field=FIELD, status=503) from error
    if not url.endswith(ASKING):
        raise UserError(f"{host_shown(address)} leads to {host_shown(url)}, which is no git repository.", field=FIELD)
    return GitServer(address, url.removesuffix(ASKING), peer)
