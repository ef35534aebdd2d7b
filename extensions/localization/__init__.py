"""The page in other languages: a setting names a table of translations, and a script of the page replaces the texts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from app.api import SettingsSection, hookimpl

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """Which language."""
    from extensions.localization.settings import Language, language_choices

    return (SettingsSection("ui", "User interface", Language, choices={"localization": language_choices(host)}),)


@hookimpl
def register_page_scripts(host: Host) -> Iterable[str]:
    """The table and the script that uses it; nothing while no language is chosen."""
    from extensions.localization.chosen import script_addresses

    return script_addresses(host)


@hookimpl
def register_routes(host: Host) -> Iterable[Any]:
    """Tables as scripts, and the list of what can be translated."""
    from extensions.localization.routes import make_router

    return (make_router(host),)
