"""The line of waiting jobs: in order of submission, except that every owner may arrange their own among the places that they have."""

from __future__ import annotations

from collections.abc import Iterator

from app.jobs.live import Lane, LiveJob


class WaitingLine:
    """Not thread-safe. Of one owner's jobs in a lane those of higher priority stand before the others; nobody gets before others' jobs."""

    def __init__(self) -> None:
        self._jobs: list[LiveJob] = []

    def __len__(self) -> int:
        return len(self._jobs)

    def __contains__(self, job: LiveJob) -> bool:
        return any(other is job for other in self._jobs)

    def in_lane(self, lane: Lane) -> list[LiveJob]:
        """The jobs of a lane, the next one first."""
        return [job for job in self._jobs if job.lane == lane]

    def restore(self, job: LiveJob) -> None:
        """Append a job as it stood before."""
        self._jobs.append(job)

    def add(self, job: LiveJob) -> list[LiveJob]:
        """Append a job; returns those of its owner that stand elsewhere now, itself among them."""
        self._jobs.append(job)
        return self.settle(job)

    def put_first(self, job: LiveJob) -> None:
        """A job that has run already and is to run again."""
        self._jobs.insert(0, job)

    def remove(self, job: LiveJob) -> None:
        """Take a job out; nothing happens when it does not wait."""
        self._jobs = [other for other in self._jobs if other is not job]

    def settle(self, job: LiveJob) -> list[LiveJob]:
        """Put the jobs of the job's owner into the order of their priorities; returns those that stand elsewhere now."""
        return self._arrange(sorted(self._own(job), key=lambda other: -other.job.priority))

    def move(self, job: LiveJob, position: int) -> list[LiveJob]:
        """Put a job at a position among its owner's, 0 the next one; returns those that changed.

        Where its priority does not fit there, it takes that of the job whose place it takes.
        """
        others = [other for other in self._own(job) if other is not job]
        position = min(position, len(others))
        before = [other.job.priority for other in others[:position][-1:]]
        after = [other.job.priority for other in others[position:][:1]]
        fits = all(each >= job.job.priority for each in before) and all(each <= job.job.priority for each in after)
        changed: list[LiveJob] = []
        if not fits:
            job.job = job.job.model_copy(update={"priority": (after or before)[0]})
            changed.append(job)
        moved = self._arrange([*others[:position], job, *others[position:]])
        return [*changed, *(other for other in moved if other not in changed)]

    def _own(self, job: LiveJob) -> list[LiveJob]:
        return [other for other in self._jobs if other.lane == job.lane and other.job.owner == job.job.owner]

    def _arrange(self, wanted: list[LiveJob]) -> list[LiveJob]:
        """Give these jobs, which stand in the line, the places that they have together, in this order."""
        places = sorted(job.place for job in wanted)
        slots = [index for index, job in enumerate(self._jobs) if any(job is other for other in wanted)]
        changed = list(_given(wanted, places))
        for slot, job in zip(slots, wanted, strict=True):
            self._jobs[slot] = job
        return changed


def _given(jobs: list[LiveJob], places: list[int]) -> Iterator[LiveJob]:
    for job, place in zip(jobs, places, strict=True):
        if job.place != place:
            job.place = place
            yield job
