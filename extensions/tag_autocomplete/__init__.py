"""Tag autocomplete: the prompt boxes offer tags, networks, styles and wildcards while one types; the page's script does the work."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from app.api import Choices, SettingsSection, hookimpl
from extensions.tag_autocomplete.settings import AUTOMATIC, EVERY, NOTHING, TAG_FILE, AutocompleteSettings

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """What is offered, and how it is inserted."""

    def listed() -> list[str]:
        from extensions.tag_autocomplete.files import tag_files

        return [AUTOMATIC, EVERY, NOTHING, *(file.name for file in tag_files(host))]

    return [SettingsSection("tac", "Tag Autocomplete", AutocompleteSettings, choices={TAG_FILE: Choices(listed)})]


@hookimpl
def register_routes(host: Host) -> Iterable[Any]:
    """What the page's script reads."""
    from extensions.tag_autocomplete.routes import make_router

    return [make_router(host)]
