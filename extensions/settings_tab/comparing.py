"""Holds a set of values (a profile, an imported file) against the settings of now: what would change, what cannot, what nobody knows."""

from __future__ import annotations

import re
from pathlib import PureWindowsPath
from typing import TYPE_CHECKING

from app.api import Json, UserError, Value
from extensions.settings_tab.listing import SOURCES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.api import Host, Option

HASH = re.compile(r" \[([0-9a-f]+)\]$")


class Difference(Value):
    """A setting that would have another value; ``is_reset``: its default, because the set does not name it. A secret's values stay here.

    ``remark``: what of the value is not there on this machine.
    """

    key: str
    label: str
    section: str
    now: Json = None
    then: Json = None
    is_reset: bool = False
    is_secret: bool = False
    source: str = ""
    needs: str = ""
    remark: str = ""


class Unusable(Value):
    """A key of the set that changes nothing, and why."""

    key: str
    why: str


class Comparison(Value):
    """``same`` counts the values that hold already; ``unknown`` keys belong to no setting here, ``refused`` values cannot be set."""

    changes: tuple[Difference, ...]
    same: int
    unknown: tuple[Unusable, ...]
    refused: tuple[Unusable, ...]


def compare(values: Mapping[str, Json], host: Host, *, resets_others: bool = False) -> Comparison:
    """What the values would change; with ``resets_others`` every changed setting that they do not name would get its default."""
    changes: list[Difference] = []
    unknown: list[Unusable] = []
    refused: list[Unusable] = []
    same = 0
    for key, value in values.items():
        option = host.settings.options.get(key)
        if option is None or option.extra.get("hidden"):
            unknown.append(Unusable(key=key, why=_unknown_reason(key, host)))
            continue
        try:
            then = _possible(option, value, host)
        except UserError as error:
            refused.append(Unusable(key=key, why=str(error)))
            continue
        if then == host.settings.get(key):
            same += 1
        else:
            changes.append(_difference(option, then, host, is_reset=False))
    if resets_others:
        changes += _resets(values, host)
    return Comparison(changes=tuple(changes), same=same, unknown=tuple(unknown), refused=tuple(refused))


def _possible(option: Option, value: Json, host: Host) -> Json:
    """The value as it would be kept; raises UserError for one that cannot be, or that is locked."""
    then = host.settings.validated({option.key: value})[option.key]
    reason = host.settings.lock_reason(option.key)
    if reason and then != host.settings.get(option.key):
        raise UserError(f"The setting {option.label!r} ({option.key}) cannot be changed: {reason}.", field=option.key)
    return then


def _resets(values: Mapping[str, Json], host: Host) -> list[Difference]:
    settings = host.settings
    others = [option for key, option in settings.options.items() if key not in values and not option.extra.get("hidden")]
    changed = [option for option in others if not option.is_secret and settings.get(option.key) != option.default]
    return [_difference(option, option.default, host, is_reset=True) for option in changed if not settings.lock_reason(option.key)]


def _difference(option: Option, then: Json, host: Host, *, is_reset: bool) -> Difference:
    is_secret = option.is_secret
    return Difference(
        key=option.key,
        label=option.label,
        section=option.section.title,
        now=None if is_secret else host.settings.get(option.key),
        then=None if is_secret else then,
        is_reset=is_reset,
        is_secret=is_secret,
        source=SOURCES[host.settings.source(option.key)],
        needs="restart" if option.extra.get("restart") else "reload" if option.extra.get("reload") else "",
        remark="" if is_reset or is_secret else _remark(option, then, host),
    )


def _remark(option: Option, value: Json, host: Host) -> str:
    """For names of files and the like: those that are none of the choices."""
    names = [name for name in (value if isinstance(value, list) else [value]) if isinstance(name, str) and name]
    if option.choices is None or not names:
        return ""
    known: set[str] | None = None
    with host.hooks.isolated(option.owner, f"the choices of the setting {option.key}"):
        known = {spelling for _, choice in option.control.choices or () for spelling in _spellings(str(choice))}
    missing = next((name for name in names if known is not None and not known & _spellings(name)), None)
    return f"{missing!r} is none of the choices here." if missing else ""


def _spellings(name: str) -> set[str]:
    """The name of a file without folder, ending and A1111's hash, and that hash: by either it is found."""
    found = HASH.search(name)
    return {PureWindowsPath(HASH.sub("", name)).stem.lower(), *(found.groups() if found else ())}


def _unknown_reason(key: str, host: Host) -> str:
    try:
        host.settings.option(key)
    except UserError as error:
        return str(error)
    return "It has no control here."
