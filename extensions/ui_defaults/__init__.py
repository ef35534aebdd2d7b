"""Defaults of the page's controls from A1111's ui-config.json, and the page of the settings that writes it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from app.api import PageControl, hookimpl

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def adjust_controls(controls: Sequence[PageControl], host: Host) -> Iterable[str]:
    """Put the values of the file into the controls; entries that cannot be used are named."""
    from extensions.ui_defaults.state import take_file

    return take_file(controls, host)


@hookimpl
def register_routes(host: Host) -> Iterable[Any]:
    """What the file says, what would change, and writing it."""
    from extensions.ui_defaults.routes import make_router

    return (make_router(host),)
