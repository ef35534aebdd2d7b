"""Sampler and schedule names as people write them: combined forms, aliases, "Automatic", and the nearest name when there is none."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.contracts import NoiseSchedule, Sampler
from app.errors import UserError
from app.registry import Registry

if TYPE_CHECKING:
    from app.host import Host

AUTOMATIC = "Automatic"
HIDDEN_SAMPLERS = "hide_samplers"


def split_sampler(text: str, samplers: Registry[Sampler], schedules: Registry[NoiseSchedule]) -> tuple[Sampler | None, str]:
    """The sampler, None for one that is not here, and the label of the schedule that its name carries, "" when it carries none."""
    found = samplers.find(text)
    if found is not None:
        return found, ""
    for schedule in schedules:
        for suffix in schedule.names:
            if text.casefold().endswith(" " + suffix.casefold()):
                found = samplers.find(text[: -len(suffix)].strip())
                if found is not None:
                    return found, schedule.label
    return None, ""


def resolve_sampler(text: str, samplers: Registry[Sampler], schedules: Registry[NoiseSchedule]) -> tuple[Sampler, str]:
    """As ``split_sampler``; raises UserError for a sampler that is not here."""
    found, label = split_sampler(text, samplers, schedules)
    if found is not None:
        return found, label
    names = [name for sampler in samplers for name in (sampler.name, *sampler.aliases)]
    raise _unknown("sampler", text, names, samplers.names())


def resolve_schedule(text: str, sampler: Sampler, schedules: Registry[NoiseSchedule]) -> str:
    """The label of the schedule that will be used; "Automatic" only for samplers without one of their own; raises UserError."""
    if text and text.casefold() != AUTOMATIC.casefold():
        schedule = schedules.find(text)
        if schedule is None:
            labels = [schedule.label for schedule in schedules]
            raise _unknown("scheduler", text, labels, labels)
        return schedule.label
    own = schedules.find(str(sampler.options.get("scheduler", "")))
    return AUTOMATIC if own is None else own.label


def shown_samplers(host: Host) -> list[str]:
    """Names of the samplers that are offered on the page: those that the setting does not hide."""
    hidden = host.settings.get(HIDDEN_SAMPLERS)
    return [name for name in host.samplers.names() if not isinstance(hidden, list) or name not in hidden]


def _unknown(field: str, text: str, candidates: Iterable[str], names: Iterable[str]) -> UserError:
    """The error that names the nearest known name."""
    lower = {name.casefold(): name for name in candidates}
    near = difflib.get_close_matches(text.casefold(), lower, n=1, cutoff=0.5)
    what = {"sampler": "sampler", "scheduler": "schedule type"}[field]
    hint = f"Did you mean {lower[near[0]]!r}?" if near else f"There are: {', '.join(names)}."
    return UserError(f"There is no {what} {text!r}.", hint=hint, field=field)
