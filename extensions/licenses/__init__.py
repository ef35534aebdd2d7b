"""The licences of installed packages and of the data that Paintbox carries, for the page of the settings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from app.api import hookimpl

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_routes(host: Host) -> Iterable[Any]:
    """The list and the texts."""
    from extensions.licenses.routes import make_router

    return (make_router(host),)
