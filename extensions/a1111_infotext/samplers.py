"""Sampler and schedule names as A1111 takes them from infotexts and API requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Self

from app.api import NoiseSchedule, Sampler, split_sampler

if TYPE_CHECKING:
    from app.api import Host

SAME_SAMPLER = "Use same sampler"
SAME_SCHEDULE = "Use same scheduler"


class SamplerNames:
    """Finds samplers and schedules exactly as A1111 does, where ``split_sampler`` is kinder: by case, one default for all that is unknown.

    ``samplers`` and ``schedules`` in the order of the lists, the first of each is the default.
    """

    def __init__(self, samplers: Sequence[Sampler], schedules: Sequence[NoiseSchedule]) -> None:
        self._samplers = samplers
        self._schedules = schedules

    @classmethod
    def of(cls, host: Host) -> Self:
        """Those that are installed; there must be some of both."""
        return cls(list(host.samplers), list(host.schedules))

    def used(self, sampler: str | None, schedule: str | None) -> tuple[str, str]:
        """Names of the sampler and of the schedule that a job uses.

        A schedule at the end of the sampler's name ("DPM++ 2M Karras") wins over ``schedule``; unknown names mean the default ones.
        """
        found, label = self._split(sampler, schedule)
        return found.name, label.label

    def pasted(self, sampler: str | None, schedule: str | None) -> tuple[str, str]:
        """Names that the controls show: as ``used``, but a sampler's own schedule is Automatic."""
        found, label = self._split(sampler, schedule)
        if found.options.get("scheduler") == label.name:
            label = self._schedules[0]
        return found.name, label.label

    def pasted_second_pass(self, fields: Mapping[str, object]) -> tuple[str, str]:
        """What the second pass's controls show for these fields; the first pass's own names become "Use same ..."."""
        first = (_text(fields, "Sampler"), _text(fields, "Schedule type"))
        asked = (_text(fields, "Hires sampler") or SAME_SAMPLER, _text(fields, "Hires schedule type") or SAME_SCHEDULE)
        sampler, schedule = self.pasted(
            first[0] if asked[0] == SAME_SAMPLER else asked[0],
            first[1] if asked[1] == SAME_SCHEDULE else asked[1],
        )
        return SAME_SAMPLER if sampler == first[0] else sampler, SAME_SCHEDULE if schedule == first[1] else schedule

    def _split(self, sampler: str | None, schedule: str | None) -> tuple[Sampler, NoiseSchedule]:
        name = sampler or self._samplers[0].name
        found = next((item for item in self._schedules if schedule in (item.name, item.label)), self._schedules[0])
        for item in self._schedules:
            ending = next((text for text in item.names if name.endswith(" " + text)), None)
            if ending is not None:
                found, name = item, name[: -len(ending) - 1]
        return next((item for item in self._samplers if item.name == name), self._samplers[0]), found


def second_pass_names(fields: Mapping[str, str], host: Host) -> tuple[str, str]:
    """What the second pass's controls show, in the words of this host; a sampler that is not here stays as it was written.

    Other than in A1111 the schedule is named where "Use same scheduler" would mean another one, because the first pass's control shows
    Automatic for the schedule of its own sampler.
    """
    asked = fields.get("Hires sampler", SAME_SAMPLER), fields.get("Hires schedule type", SAME_SCHEDULE)
    here = _in_words_of(host, fields, "Sampler", "Schedule type") | _in_words_of(host, fields, "Hires sampler", "Hires schedule type")
    if "Sampler" not in here or (asked[0] != SAME_SAMPLER and "Hires sampler" not in here):
        return asked
    names, said = SamplerNames.of(host), {**fields, **here}
    sampler, schedule = names.pasted_second_pass(said)
    first, drawn = said["Sampler"], names.used(said["Sampler"], said.get("Schedule type"))[1]
    second = first if sampler == SAME_SAMPLER else sampler
    if schedule == SAME_SCHEDULE and names.pasted(second, drawn)[1] != names.pasted(first, drawn)[1]:
        schedule = drawn
    return sampler, schedule


def _in_words_of(host: Host, fields: Mapping[str, str], sampler_key: str, schedule_key: str) -> dict[str, str]:
    """The sampler's own name, and its schedule's label where one can be found; nothing for a sampler that is not here."""
    sampler, combined = split_sampler(fields.get(sampler_key, ""), host.samplers, host.schedules)
    schedule = host.schedules.find(combined or fields.get(schedule_key, ""))
    return {} if sampler is None else {sampler_key: sampler.name} | ({schedule_key: schedule.label} if schedule else {})


def _text(fields: Mapping[str, object], key: str) -> str | None:
    value = fields.get(key)
    return None if value is None else str(value)
