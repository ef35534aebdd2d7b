"""The page in other languages: a setting names a table of translations, and a script of the page replaces the texts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from app.api import SettingsSection, hookimpl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.api import Host, Localization, PageControl


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
def choose_localization(host: Host) -> Localization | None:
    """The table of the chosen language; None while there is none."""
    from extensions.localization.chosen import chosen_table

    return chosen_table(host)


@hookimpl
def adjust_controls(controls: Sequence[PageControl], host: Host) -> Iterable[str]:
    """The words in drop-downs in the chosen language: what is sent stays as it is."""
    from extensions.localization.chosen import chosen_table
    from extensions.localization.lists import translate_lists

    table = chosen_table(host)
    if table is not None:
        translate_lists(controls, table.texts)
        return table.problems
    return ()


@hookimpl
def register_routes(host: Host) -> Iterable[Any]:
    """Tables as scripts, and the list of what can be translated."""
    from extensions.localization.routes import make_router

    return (make_router(host),)
