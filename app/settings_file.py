"""Reading and writing config.json, A1111's flat file of settings."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.errors import UserError
from app.file_locks import TakenError, holding
from app.files import write_atomically
from app.values.base import Json

logger = logging.getLogger(__name__)
ENVIRONMENT_PREFIX = "PAINTBOX_"
WAIT_S = 5.0
RENAMED_LISTS = {"quicksettings": "quicksettings_list", "ui_reorder": "ui_reorder_list"}


@dataclass(frozen=True)
class SettingsFile:
    """What the file holds, unknown keys included, and sentences about what was wrong with it."""

    values: dict[str, Json]
    problems: tuple[str, ...] = ()


def read_settings_file(path: Path, *, set_aside: bool) -> SettingsFile:
    """Read the file; a missing one is empty, an unreadable one is renamed with the date when ``set_aside``."""
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return SettingsFile({})
    except OSError as error:
        return SettingsFile({}, (f"{path} cannot be read ({error.strerror}); the defaults are used. Check its permissions.",))
    except (ValueError, RecursionError) as error:
        return SettingsFile({}, (_put_aside(path, f"is not valid JSON ({error})", set_aside),))
    if not isinstance(document, dict):
        return SettingsFile({}, (_put_aside(path, "does not hold a JSON object", set_aside),))
    return SettingsFile(_migrated(document))


def change_settings_file(path: Path, change: Callable[[SettingsFile], Mapping[str, Json]], *, set_aside: bool) -> SettingsFile:
    """Read the file and write what ``change`` makes of it, while nobody else changes it, in this process or another one.

    Returns what it held before; raises UserError.
    """
    try:
        with holding(path.with_name(f"{path.name}.lock"), {"pid": os.getpid()}, WAIT_S):
            before = read_settings_file(path, set_aside=set_aside)
            after = change(before)
            if after != before.values or before.problems:
                write_settings_file(path, after)
            return before
    except TakenError as error:
        raise UserError(f"{path} is being changed by another program; nothing was changed.", hint="Try again.", status=409) from error
    except OSError as error:
        raise _unwritable(path, error) from error


def write_settings_file(path: Path, values: Mapping[str, Json]) -> None:
    """Write the file in one step; raises UserError when the folder cannot be written."""
    text = json.dumps(values, indent=4, ensure_ascii=False) + "\n"
    try:
        write_atomically(path, text.encode("utf-8", "surrogatepass"))
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> UserError:
    return UserError(f"{path} cannot be written ({error.strerror}).", hint="Check the folder's permissions and the free space.", status=507)


def parse_environment(environment: Mapping[str, str], defaults: Mapping[str, Json]) -> dict[str, Json]:
    """Settings from variables PAINTBOX_<KEY>."""
    names = {key: ENVIRONMENT_PREFIX + key.upper() for key in defaults}
    return parse_texts({key: environment[name] for key, name in names.items() if name in environment}, defaults)


def parse_texts(values: Mapping[str, Json], defaults: Mapping[str, Json]) -> dict[str, Json]:
    """Values typed as text: kept where the default is text, else JSON (``true``, ``7``) or a comma list; unknown keys are left out."""
    return {key: _parse(value, defaults[key]) for key, value in values.items() if key in defaults}


def _parse(value: Json, default: Json) -> Json:
    if not isinstance(value, str) or isinstance(default, str):
        return value
    try:
        parsed: Json = json.loads(value)
    except ValueError:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(default, list) else value
    return parsed


def _migrated(values: dict[str, Json]) -> dict[str, Json]:
    for old, new in RENAMED_LISTS.items():
        text = values.get(old)
        if isinstance(text, str) and new not in values:
            values[new] = [part.strip() for part in text.split(",") if part.strip()]
    return values


def _put_aside(path: Path, reason: str, set_aside: bool) -> str:
    if not set_aside:
        return f"{path.name} {reason}; the defaults are used."
    kept = path.with_name(f"{path.stem}.corrupt-{datetime.now():%Y-%m-%d-%H%M%S}{path.suffix}")
    try:
        path.rename(kept)
    except OSError as error:
        return f"{path.name} {reason}; the defaults are used. It could not be renamed ({error.strerror})."
    return f"{path.name} {reason}; it is kept as {kept.name} and the defaults are used."
