"""A field for a picture on which masks and colours are painted: other extensions draw it with ``extensions.image_canvas.api``."""

from __future__ import annotations

from collections.abc import Iterable

from app.api import Host, SettingsSection, hookimpl


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """The keys of the canvas."""
    from extensions.image_canvas.params import CanvasKeys

    return [SettingsSection("canvas_hotkey", "Canvas Hotkeys", CanvasKeys)]
