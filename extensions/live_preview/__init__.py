"""Live preview: the picture while it is being drawn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.api import Choices, DenoiseListener, PassContext, Run, SettingsSection, hookimpl, pick
from extensions.live_preview.settings import CHEAP, FULL, LivePreviews

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """When and how previews are made."""
    from extensions.live_preview.methods import other_methods

    def methods() -> list[str]:
        return [FULL, CHEAP, *other_methods(host)]

    return [SettingsSection("live-previews", "Live previews", LivePreviews, choices={"show_progress_type": Choices(methods)})]


@hookimpl
def follow_denoising(context: PassContext, run: Run) -> Iterable[DenoiseListener]:
    """A listener that sends previews, unless they are off."""
    settings = pick(LivePreviews, run.settings)
    if not settings.live_previews_enable or settings.show_progress_every_n_steps < 1:
        return []
    from extensions.live_preview.listener import make_listener

    return [make_listener(settings, context, run)]


@hookimpl
def register_texts(host: Host) -> Iterable[str]:
    """The ways to make previews."""
    from extensions.live_preview.settings import CHEAP, FULL

    return (FULL, CHEAP)
