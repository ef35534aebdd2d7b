"""The controls that the tabs which draw pictures share: other extensions draw them with ``extensions.generation_form.api``."""

from __future__ import annotations

from collections.abc import Iterable

from app.api import Host, SettingsSection, hookimpl


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """Whether tokens are counted."""
    from extensions.generation_form.settings import PromptEditing

    return (SettingsSection("ui_prompt_editing", "Prompt editing", PromptEditing),)
