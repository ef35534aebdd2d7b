"""Which host names and origins a request may carry: the defence against DNS rebinding and cross-site requests."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from app.values.options import StartOptions

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
REMEDY = "Start Paintbox with --cors-allow-origins <origin> if that page may use it."


class OriginRules:
    """Made once from the start options; ``problem`` judges the headers of one request."""

    def __init__(self, options: StartOptions) -> None:
        self._allowed = frozenset(origin.rstrip("/") for origin in options.cors_allow_origins)
        self._pattern = re.compile(options.cors_allow_origins_regex) if options.cors_allow_origins_regex else None
        allowed_names = {_name(urlsplit(origin).netloc) for origin in self._allowed}
        self._names = None if options.is_exposed else LOCAL_NAMES | allowed_names | {options.host_name}

    def problem(self, headers: Mapping[str, str]) -> str:
        """Why the request is refused; "" when it may go on. ``headers`` has lower-case keys."""
        host, origin = headers.get("host", ""), headers.get("origin", "")
        if self._names is not None and not self._is_local(_name(host)):
            return f"This Paintbox answers on this machine only, not as {_name(host)!r}. {REMEDY}"
        if origin and not self._is_same(origin, host) and not self._is_allowed(origin):
            return f"Requests from pages of {origin} are refused. {REMEDY}"
        if not origin and headers.get("sec-fetch-site") == "cross-site" and headers.get("sec-fetch-mode") != "navigate":
            return f"Requests from pages of other sites are refused. {REMEDY}"
        return ""

    def _is_local(self, name: str) -> bool:
        return name in (self._names or ()) or name.endswith(".localhost")

    def _is_same(self, origin: str, host: str) -> bool:
        return urlsplit(origin).netloc.lower() == host.lower()

    def _is_allowed(self, origin: str) -> bool:
        return "*" in self._allowed or origin in self._allowed or bool(self._pattern and self._pattern.fullmatch(origin))


def _name(netloc: str) -> str:
    """The host name of ``name:port`` or ``[address]:port``."""
    try:
        return (urlsplit(f"//{netloc}").hostname or "").lower()
    except ValueError:
        return ""
