"""Puts the file into the controls of a page that is being built, and remembers what came of it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from app.api import Json, PageControl, StashKey, UserError
from extensions.ui_defaults.config_file import config_path, entry_of, read_config
from extensions.ui_defaults.fields import current, fields_of, is_tracked, problem
from extensions.ui_defaults.matching import Matcher, key_of

if TYPE_CHECKING:
    from app.api import Host
    from extensions.ui_defaults.config_file import Entry

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Taken:
    """What became of the file: ``applied`` counts lines in use, ``refused`` says by line what cannot be, ``unknown`` are for no control."""

    controls: tuple[PageControl, ...] = ()
    applied: int = 0
    refused: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()


LIMITS = ("minimum", "maximum")
TAKEN = StashKey[Taken]("ui_defaults.taken")


def take_file(controls: Sequence[PageControl], host: Host) -> Iterable[str]:
    """Apply the file; returns a sentence for every line that cannot be."""
    tracked = tuple(control for control in controls if is_tracked(control))
    path = config_path(host)
    try:
        lines = read_config(path)
    except UserError as error:
        host.stash[TAKEN] = Taken(tracked)
        return (str(error),)
    taken = apply_lines(lines, tracked)
    host.stash[TAKEN] = taken
    if taken.unknown:
        logger.info("%s: %d lines name no control of this page.", path.name, len(taken.unknown))
    return tuple(f"{path.name}: {sentence}" for sentence in taken.refused.values())


def apply_lines(lines: Mapping[str, Json], controls: tuple[PageControl, ...]) -> Taken:
    """Put the lines into the controls; of several for one field ours wins over a script's, and that over A1111's older plain one."""
    matcher = Matcher(controls)
    own = {key_of(control, field) for control in controls for field in fields_of(control)}
    wishes: dict[int, dict[str, Entry]] = {}
    unknown: list[str] = []
    for entry in sorted((entry_of(*line) for line in lines.items()), key=lambda entry: (entry.key in own, bool(entry.script))):
        meant = [control for control in matcher.find(entry) if entry.field in fields_of(control)]
        unknown += [] if meant else [entry.key]
        for control in meant:
            wishes.setdefault(id(control.component), {})[entry.field] = entry
    refused: dict[str, str] = {}
    for control in controls:
        refused |= _put(control, wishes.get(id(control.component), {}))
    given = sum(map(len, wishes.values()))
    return Taken(controls, given - len(refused), refused, tuple(sorted(unknown)))


def _put(control: PageControl, wishes: Mapping[str, Entry]) -> dict[str, str]:
    """Give one control what it can have; limits come before the value, which moves to the nearest one where it lies outside of them."""
    refused = {}
    limits = {name: wishes[name] for name in LIMITS if name in wishes and not problem(control, name, wishes[name].value)}
    lowest, highest = (_number(limits[name].value if name in limits else getattr(control.component, name, None)) for name in LIMITS)
    if lowest is not None and highest is not None and lowest >= highest and limits:
        refused = {entry.key: f"{entry.key!r}: the largest value must be above the smallest one." for entry in limits.values()}
    for name in fields_of(control):
        entry = wishes.get(name)
        if entry is None or entry.key in refused:
            continue
        reason = problem(control, name, entry.value)
        if reason:
            refused[entry.key] = f"{entry.key!r} cannot be {entry.value!r}: {reason}. {current(control, name)!r} is used."
        else:
            setattr(control.component, name, entry.value)
        if control.kind == "slider" and name != "value":
            component = control.component
            component.value = min(max(component.value, component.minimum), component.maximum)
    return refused


def _number(value: Any) -> int | float | None:
    return value if isinstance(value, (int, float)) else None
