"""A viewer as large as the window for the pictures of all galleries."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.api import SettingsSection, hookimpl

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """How pictures are shown large."""
    from extensions.picture_viewer.params import ViewerSettings

    return [SettingsSection("ui_gallery", "Gallery", ViewerSettings)]
