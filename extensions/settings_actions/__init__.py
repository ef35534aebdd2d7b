"""A1111's page "Actions" of the settings: notifications, the checkpoint out of memory and back, hashes of all checkpoints."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from app.api import hookimpl

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_routes(host: Host) -> Iterable[Any]:
    """Computing hashes."""
    from extensions.settings_actions.routes import make_router

    return (make_router(host),)
