"""The chosen language: its table, and the scripts that bring it into the page."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from app.api import Localization, localization_folders, localization_names, read_localization

if TYPE_CHECKING:
    from app.api import Host

NONE = "None"
FLAG = "localizations-dir"
PREFIX = "paintbox/v1/localization"
SCRIPTS = ("forms.js", "localize.js")


def folders(host: Host) -> list[Path]:
    """Where tables lie."""
    given = host.options.flag_texts(FLAG)
    return localization_folders(host, Path(given[0]) if given else None)


def languages(host: Host) -> list[str]:
    """Names of the tables that there are now."""
    return localization_names(folders(host))


def read_table(host: Host, name: str) -> Localization:
    """The whole table of a language, from all folders."""
    return read_localization(name, folders(host))


def chosen_table(host: Host) -> Localization | None:
    """The table of the language that the settings name; None for English."""
    name = str(host.settings.get("localization"))
    return None if name in ("", NONE) else read_table(host, name)


def table_script(table: Localization) -> str:
    """The table as a script, in A1111's form; ``<`` is written so that no text can end the script."""
    texts = {**table.texts, **({"rtl": True} if table.is_right_to_left else {})}
    packed = json.dumps(texts, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return f"window.localization = {packed};\nwindow.localizationName = {json.dumps(table.name)};\n"


def script_addresses(host: Host) -> list[str]:
    """The table and what uses it; the addresses name their state, so that browsers can keep them."""
    table = chosen_table(host)
    if table is None:
        return []
    state = hashlib.sha256(table_script(table).encode()).hexdigest()[:12]
    code = Path(__file__).parent / "static" / "view"
    scripts = [f"paintbox/assets/localization/view/{script}?v={(code / script).stat().st_mtime_ns:x}" for script in SCRIPTS]
    return [f"{PREFIX}/{quote(table.name, safe='')}.js?v={state}", *scripts]
