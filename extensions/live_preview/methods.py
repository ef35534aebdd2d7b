"""The methods of making previews that other extensions bring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extensions.live_preview import hookspecs
from extensions.live_preview.api import PreviewMethod

if TYPE_CHECKING:
    from app.api import Host


def other_methods(host: Host) -> dict[str, PreviewMethod]:
    """Those that are installed, by title."""
    owned = host.hooks.collect(hookspecs.register_preview_methods, host=host)
    return {item.value.title: item.value for item in owned}
