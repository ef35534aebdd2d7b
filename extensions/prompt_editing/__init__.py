"""Keys for prompts: the weight of words, and their place between the commas."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.api import SettingsSection, hookimpl

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """Steps, and where words end."""
    from extensions.prompt_editing.params import KeySettings

    return [SettingsSection("ui_prompt_editing", "Prompt editing", KeySettings)]
