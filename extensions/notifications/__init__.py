"""Says when pictures are done, with a sound and a notification of the browser, and keeps the screen on meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from app.api import SettingsSection, hookimpl

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """A1111's settings of sound, screen and window title."""
    from extensions.notifications.params import ScreenSettings, SoundSettings, TitleSettings

    return [
        SettingsSection("saving-images", "Saving images/grids", SoundSettings),
        SettingsSection("ui", "User interface", TitleSettings),
        SettingsSection("live-previews", "Live previews", ScreenSettings),
    ]


@hookimpl
def register_routes(host: Host) -> Iterable[Any]:
    """Where the sound is fetched."""
    from extensions.notifications.routes import make_router

    return [make_router(host)]
