"""Sampler and schedule names as A1111 takes them from infotexts and API requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.api import NoiseSchedule, Sampler

SAME_SAMPLER = "Use same sampler"
SAME_SCHEDULE = "Use same scheduler"


class SamplerNames:
    """Finds samplers and schedules exactly as A1111 does, where ``split_sampler`` is kinder: by case, one default for all that is unknown.

    ``samplers`` and ``schedules`` in the order of the lists, the first of each is the default.
    """

    def __init__(self, samplers: Sequence[Sampler], schedules: Sequence[NoiseSchedule]) -> None:
        self._samplers = samplers
        self._schedules = schedules

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


def _text(fields: Mapping[str, object], key: str) -> str | None:
    value = fields.get(key)
    return None if value is None else str(value)
