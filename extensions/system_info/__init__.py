"""What a report of a problem needs to say: versions, extensions, settings and flags, without secrets; and how long the start took."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from app.api import hookimpl

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_routes(host: Host) -> Iterable[Any]:
    """A1111's addresses, and the check of a report."""
    from extensions.system_info.routes import make_router

    return (make_router(host),)
