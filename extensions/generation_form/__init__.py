"""The controls that the tabs which draw pictures share: other extensions draw them with ``extensions.generation_form.api``."""

from __future__ import annotations

from collections.abc import Iterable

from app.api import Choices, Host, SettingsSection, hookimpl


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """Whether tokens are counted, and how the form is laid out."""
    from extensions.generation_form.settings import BLOCKS, Alternatives, Ordering, PromptEditing

    return (
        SettingsSection("ui_prompt_editing", "Prompt editing", PromptEditing),
        SettingsSection("ui", "User interface", Ordering, choices={"ui_reorder_list": Choices(lambda: list(BLOCKS))}),
        SettingsSection("ui_alternatives", "UI alternatives", Alternatives),
    )
