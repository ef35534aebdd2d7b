"""Named sets of settings: files ``settings-profiles/<name>.json`` in the data folder, flat like config.json, and what was kept aside."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from app.api import Json, NotFoundError, UserError, Value, name_problem, write_atomically

if TYPE_CHECKING:
    from app.api import Host

FOLDER = "settings-profiles"
ASIDE = "settings-kept-aside.json"
MOST_PROFILES = 200
LARGEST_BYTES = 1_000_000
"""Of one file: all settings of all extensions need a tenth of that."""


class Profile(Value):
    """A set: how many settings it names, and when it was written; ``left_out`` are given keys of secrets and without a control."""

    name: str
    count: int
    written: str
    left_out: tuple[str, ...] = ()


def list_profiles(host: Host) -> tuple[Profile, ...]:
    """All sets by name; a file that is none is left out."""
    profiles = []
    for file in sorted(_folder(host).glob("*.json"), key=lambda file: file.stem.lower())[:MOST_PROFILES]:
        try:
            values = _read(file)
            written = datetime.fromtimestamp(file.stat().st_mtime, UTC).isoformat(timespec="seconds")
        except UserError:
            continue
        profiles.append(Profile(name=file.stem, count=len(values), written=written))
    return tuple(profiles)


def read_profile(host: Host, name: str) -> dict[str, Json]:
    """The values of a set; raises NotFoundError."""
    file = _file(host, name)
    if not file.is_file():
        raise NotFoundError(f"There is no profile {name!r}.", field="name")
    return _read(file)


def write_profile(host: Host, name: str, values: Mapping[str, Json] | None, *, replaces: bool) -> Profile:
    """Keep these values, or those of now that are not the defaults; 409 when there is such a set already and it may not be replaced."""
    file = _file(host, name)
    if file.exists() and not replaces:
        raise UserError(f"There is a profile {name!r} already.", hint="Choose another name, or replace it.", field="name", status=409)
    if not file.exists() and sum(1 for _ in _folder(host).glob("*.json")) >= MOST_PROFILES:
        raise UserError(f"There are {MOST_PROFILES} profiles already.", hint="Delete one that nobody needs.", field="name", status=409)
    given = visible_changes(host) if values is None else values
    kept = _shareable(given, host)
    _write(file, kept)
    written = next(profile for profile in list_profiles(host) if profile.name == file.stem)
    return written.model_copy(update={"left_out": tuple(key for key in given if key not in kept)})


def delete_profile(host: Host, name: str) -> dict[str, Json]:
    """Remove a set; returns its values, so that it can be brought back, but none of secrets, which a file of somebody's may hold."""
    values = read_profile(host, name)
    _file(host, name).unlink(missing_ok=True)
    return _shareable(values, host)


def _shareable(values: Mapping[str, Json], host: Host) -> dict[str, Json]:
    """The values that everybody may see: neither secrets nor settings without a control."""
    options = host.settings.options
    kept_back = {key for key, option in options.items() if option.is_secret or option.extra.get("hidden")}
    return {key: value for key, value in values.items() if key not in kept_back}


def visible_changes(host: Host) -> dict[str, Json]:
    """The settings with a control whose values are not their defaults, without secrets."""
    return {key: value for key, value in host.settings.changed().items() if not host.settings.option(key).extra.get("hidden")}


def read_aside(host: Host) -> dict[str, Json]:
    """Values of imported files that belonged to no setting."""
    file = host.paths.data / ASIDE
    return _read(file) if file.is_file() else {}


def keep_aside(host: Host, values: Mapping[str, Json]) -> Path:
    """Keep values that belong to no setting here, for a day when an extension declares them; returns the file."""
    file = host.paths.data / ASIDE
    _write(file, {**read_aside(host), **values})
    return file


def _folder(host: Host) -> Path:
    return host.paths.data / FOLDER


def _file(host: Host, name: str) -> Path:
    """The file of a set; raises UserError for a name that cannot be a file's."""
    problem = name_problem(name)
    if problem:
        raise UserError(f"{name!r} cannot be the name of a profile: {problem}.", field="name")
    return _folder(host) / f"{name}.json"


def _read(file: Path) -> dict[str, Json]:
    try:
        document = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"{file.name} cannot be read: {error}.") from error
    if not isinstance(document, dict):
        raise UserError(f"{file.name} does not hold a JSON object.")
    return document


def _write(file: Path, values: Mapping[str, Json]) -> None:
    data = (json.dumps(values, indent=4, ensure_ascii=False) + "\n").encode("utf-8", "surrogatepass")
    if len(data) > LARGEST_BYTES:
        raise UserError(f"{file.name} would be larger than {LARGEST_BYTES // 1000} kB; nothing was kept.", field="values", status=413)
    try:
        write_atomically(file, data)
    except OSError as error:
        raise UserError(f"{file} cannot be written ({error.strerror}).", hint="Check the folder's permissions.", status=507) from error
