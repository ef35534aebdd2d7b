"""What the queue keeps in memory of a job that has not ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from app.values.events import JobPreview, JobProgress
from app.values.job import Job, JobResult, SavedImage
from app.values.snapshot import JobSnapshot, Stopping

Lane = Literal["device", "aside"]
"""Jobs of one lane wait for each other, and not for those of the other."""
WISHES: tuple[Stopping, ...] = ("", "skip", "stop_after_batch", "interrupt", "cancel")
"""What somebody can have asked for, each stronger than those before it."""


@dataclass
class LiveJob:
    """A queued or running job; changed only by the queue, under its lock.

    ``place``: where it stands among those that wait, as it is kept on disk. ``drawing``: a step or a picture was seen, so the job must
    not silently begin anew. ``stopping``: what somebody asked for.
    """

    job: Job
    lane: Lane = "device"
    place: int = 0
    progress: JobProgress | None = None
    preview: JobPreview | None = None
    images: list[SavedImage] = field(default_factory=list)
    drawing: bool = False
    stopping: Stopping = ""
    _first: tuple[float, float] | None = None

    def current(self) -> Job:
        """The job with the pictures finished so far."""
        return self.job.model_copy(update={"result": self.with_images(self.job.result)})

    def with_images(self, result: JobResult) -> JobResult:
        """The result; one that lists no pictures gets those that were reported."""
        return result if result.images else result.model_copy(update={"images": tuple(self.images)})

    def snapshot(self, position: int | None) -> JobSnapshot:
        """Everything known now."""
        return JobSnapshot(
            job=self.current(),
            progress=self.progress,
            preview=self.preview,
            images=tuple(self.images),
            position=position,
            stopping=self.stopping,
        )

    @property
    def is_ending(self) -> bool:
        """True when somebody asked that it end at once."""
        return self.stopping in ("interrupt", "cancel")

    def note_wish(self, wish: Stopping) -> None:
        """Keep the strongest."""
        self.stopping = max(self.stopping, wish, key=WISHES.index)

    def note_skipped(self) -> None:
        """The batch that somebody wanted to be skipped is over."""
        self.stopping = "" if self.stopping == "skip" else self.stopping

    def note_progress(self, progress: JobProgress, now: float) -> JobProgress:
        """Keep the newest progress; fills in the time left, extrapolated from the time since drawing began."""
        if self.progress is not None and progress.step < self.progress.step:
            self.note_skipped()
        if progress.eta_s is None:
            progress = progress.model_copy(update={"eta_s": self._time_left(progress, now)})
        self.progress = progress
        return progress

    def begin_again(self) -> None:
        """Forget what the lost attempt told."""
        self.progress, self.preview, self._first, self.stopping = None, None, None, ""

    def _time_left(self, progress: JobProgress, now: float) -> float | None:
        if progress.step <= 0 and progress.fraction <= 0.0:
            return None
        if self._first is None:
            self._first = (now, progress.fraction)
            return None
        since, fraction = self._first
        done = progress.fraction - fraction
        return (now - since) / done * max(0.0, 1.0 - progress.fraction) if done > 0 else None
