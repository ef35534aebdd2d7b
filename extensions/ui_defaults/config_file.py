"""Reads and writes ui-config.json: a flat JSON object from ``<tab>/<label>/<field>`` to a value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.api import Json, UserError, write_atomically

if TYPE_CHECKING:
    from app.api import Host

FLAG = "ui-config-file"
NAME = "ui-config.json"
SCRIPT = "customscript/"


@dataclass(frozen=True)
class Entry:
    """One line of the file: ``script`` is what A1111 calls the script file ("" for none), ``tab`` "" when the key is not of this form."""

    key: str
    script: str
    tab: str
    label: str
    field: str
    value: Json


def config_path(host: Host) -> Path:
    """Where the file lies."""
    given = host.options.flag_texts(FLAG)
    return Path(given[0]) if given else host.paths.data / NAME


def read_config(path: Path) -> dict[str, Json]:
    """The file's content, empty when there is none; raises UserError that names the file and what is wrong with it."""
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); the controls have their own defaults.") from error
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path.name} is not valid JSON ({error}); the controls have their own defaults.") from error
    if not isinstance(document, dict):
        raise UserError(f"{path.name} does not hold a JSON object; the controls have their own defaults.")
    return document


def write_config(path: Path, values: Mapping[str, Json]) -> None:
    """Write the file in one step; raises UserError when that cannot be."""
    text = json.dumps(values, indent=4, ensure_ascii=False) + "\n"
    try:
        write_atomically(path, text.encode("utf-8", "surrogatepass"))
    except OSError as error:
        raise UserError(f"{path} cannot be written ({error.strerror}).", hint="Check the folder's permissions.", status=507) from error


def entry_of(key: str, value: Json) -> Entry:
    """A line of the file, taken apart: the label may hold slashes."""
    rest, script = key, ""
    if key.startswith(SCRIPT):
        script, _, rest = key.removeprefix(SCRIPT).partition("/")
    tab, _, named = rest.partition("/")
    label, _, field = named.rpartition("/")
    return Entry(key, script, tab, label, field, value) if label else Entry(key, script, "", "", "", value)
