"""The queue's record of all jobs: live ones in memory, everything in the journal, and how an event changes them."""

from __future__ import annotations

import logging
import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import partial
from typing import get_args

from app.errors import NotFoundError, UserError
from app.jobs.journal import LATEST_ATTEMPT, Entry, JobFilter, Journal
from app.jobs.line import WaitingLine
from app.jobs.live import Lane, LiveJob
from app.jobs.watchers import Watchers
from app.values.events import (
    Event,
    Fact,
    JobCancelled,
    JobDone,
    JobEvent,
    JobFailed,
    JobImage,
    JobPreview,
    JobProgress,
    JobQueued,
    WorkerStatus,
)
from app.values.job import Job, JobResult, JobState
from app.values.snapshot import JobSnapshot

logger = logging.getLogger(__name__)
REMEMBERED = 16
PRUNE_EVERY = 200
End = JobDone | JobFailed | JobCancelled
END_STATES = {"done": JobState.DONE, "failed": JobState.FAILED, "cancelled": JobState.CANCELLED}


class JobBook:
    """Not thread-safe: the queue calls it under its lock. In memory are the jobs that have not ended and the last few that have."""

    def __init__(self, journal: Journal, watchers: Watchers, clock: Callable[[], float], lane_of: Callable[[Job], Lane]) -> None:
        self._journal = journal
        self._lane_of = lane_of
        self._watchers = watchers
        self._clock = clock
        self._live: dict[str, LiveJob] = {}
        self._waiting = WaitingLine()
        self._ended: OrderedDict[str, JobSnapshot] = OrderedDict()
        self._ended_count = 0

    # --- reading ---

    @property
    def waiting_count(self) -> int:
        """How many jobs wait."""
        return len(self._waiting)

    def waiting_in(self, lane: Lane) -> list[str]:
        """The jobs that wait in a lane, the next one first."""
        return [live.job.id for live in self._waiting.in_lane(lane)]

    def is_live(self, job_id: str) -> bool:
        """True until the job has ended."""
        return job_id in self._live

    def live(self, job_id: str) -> LiveJob | None:
        """The job if it has not ended."""
        return self._live.get(job_id)

    def is_waiting(self, job_id: str) -> bool:
        """True while no worker has the job."""
        live = self._live.get(job_id)
        return live is not None and live in self._waiting

    def named(self, owner: str, entry: Entry) -> Job | None:
        """The job that its owner has asked for under the entry's key; raises UserError when that was another request."""
        found = self._journal.named(owner, entry.key) if entry.key else None
        if found is None:
            return None
        job_id, fingerprint = found
        if fingerprint != entry.fingerprint:
            raise UserError(f"The key {entry.key!r} was used for another request.", hint="Choose a new one.", field="Idempotency-Key")
        return self.snapshot(job_id).job

    def snapshot(self, job_id: str) -> JobSnapshot:
        """Everything known of a job; raises NotFoundError."""
        live = self._live.get(job_id)
        if live is not None:
            return live.snapshot(self._position(job_id) if live in self._waiting else None)
        if job_id in self._ended:
            return self._ended[job_id]
        job = self._journal.get(job_id)
        if job is None:
            raise self.missing(job_id)
        return JobSnapshot(job=job, images=job.result.images)

    def list(self, wanted: JobFilter, limit: int) -> list[Job]:
        """Jobs, the newest first."""
        found = self._journal.list(wanted, limit)
        return [self._live[job.id].current() if job.id in self._live else job for job in found]

    def missing(self, job_id: str) -> NotFoundError:
        """The error that says that there is no such job."""
        return NotFoundError(f"There is no job {job_id!r}.", hint="Old jobs are forgotten after a while; their pictures are kept.")

    # --- changing ---

    def restore(self) -> None:
        """Take up what the last process left; raises sqlite3.Error."""
        self._journal.prune()
        for job, place in self._journal.recover(self._clock()):
            live = self._live[job.id] = LiveJob(job, self._lane_of(job), place)
            self._waiting.restore(live)

    def add(self, job: Job, entry: Entry) -> None:
        """Append a new job; raises sqlite3.Error, and then the job was not taken."""
        place = self._journal.add(job, entry)
        live = self._live[job.id] = LiveJob(job, self._lane_of(job), place)
        moved = self._waiting.add(live)
        self._watchers.tell(JobQueued(job_id=job.id, position=self._position(job.id)))
        self._keep_places(moved)

    def arrange(self, job_id: str, priority: int | None, position: int | None) -> None:
        """Give a waiting job another priority or another position among its owner's."""
        live = self._live[job_id]
        changed: list[LiveJob] = []
        if priority is not None and priority != live.job.priority:
            live.job = live.job.model_copy(update={"priority": priority})
            changed = [live, *self._waiting.settle(live)]
        if position is not None:
            changed += self._waiting.move(live, position)
        self._keep_places(changed)

    def begin_next(self, lane: Lane) -> LiveJob:
        """Mark the job of the lane that is next as running; there must be one."""
        live = self._live[self.waiting_in(lane)[0]]
        self._waiting.remove(live)
        changes = {"state": JobState.RUNNING, "started": self._clock(), "attempts": live.job.attempts + 1}
        live.job = live.job.model_copy(update=changes)
        self._keep(live)
        self._tell_positions()
        return live

    def take(self, event: Event) -> None:
        """Bring the job that an event is about up to date and tell its watchers."""
        if isinstance(event, (WorkerStatus, Fact)):
            self._watchers.tell(event)
            return
        live = self._live.get(event.job_id)
        if live is None or live in self._waiting:
            return  # a late word about a job that was given up
        if isinstance(event, JobFailed) and event.lost and not live.drawing and not live.is_ending and live.job.attempts < LATEST_ATTEMPT:
            self._queue_again(live, event.error)
        elif isinstance(event, End):
            self.end(live, event)
        else:
            self._watchers.tell(self._note(live, event))

    def end(self, live: LiveJob, event: End) -> None:
        """Settle a job for good."""
        job_id = live.job.id
        if isinstance(event, JobFailed) and event.lost and live.stopping == "cancel":
            event = JobCancelled(job_id=job_id, result=event.result)
        result: JobResult = live.with_images(event.result)
        changes: dict[str, object] = {"state": END_STATES[event.type], "finished": self._clock(), "result": result}
        if isinstance(event, JobFailed):
            changes.update(error=event.error, user_error=event.user_error)
        live.job = live.job.model_copy(update=changes)
        self._keep(live)
        del self._live[job_id]
        if live in self._waiting:
            self._waiting.remove(live)
            self._tell_positions()
        self._watchers.tell(event.model_copy(update={"result": result}))
        self._remember(JobSnapshot(job=live.job, progress=live.progress, images=result.images, told=tuple(live.images)))

    def _remember(self, ended: JobSnapshot) -> None:
        self._ended[ended.job.id] = ended
        while len(self._ended) > REMEMBERED:
            self._ended.popitem(last=False)
        self._watchers.push(ended.job.id, ended)
        self._ended_count += 1
        if self._ended_count % PRUNE_EVERY == 0:
            self._write(self._journal.prune)

    def _queue_again(self, live: LiveJob, reason: str) -> None:
        logger.warning("The job %s had not begun to draw and is tried again: %s", live.job.id, reason)
        live.job = live.job.model_copy(update={"state": JobState.QUEUED, "started": None})
        live.begin_again()
        self._waiting.put_first(live)
        self._keep(live)
        self._watchers.tell(JobQueued(job_id=live.job.id, position=0))

    def _note(self, live: LiveJob, event: JobEvent) -> JobEvent:
        """Keep what a running job tells of itself."""
        job_id = live.job.id
        draws = isinstance(event, JobImage) or (isinstance(event, JobProgress) and event.step > 0)
        if draws and not live.drawing:
            live.drawing = True
            self._write(lambda: self._journal.mark_drawing(job_id))
        if isinstance(event, JobProgress):
            return live.note_progress(event, self._clock())
        if isinstance(event, JobPreview):
            live.preview = event
        if isinstance(event, JobImage):
            live.note_skipped()
            live.images.append(event.image)
            self._write(lambda: self._journal.add_image(job_id, len(live.images) - 1, event.image))
        return event

    def _keep_places(self, moved: Iterable[LiveJob]) -> None:
        """Write where jobs stand now, and tell everybody who waits."""
        moved = list(moved)
        for live in moved:
            self._write(partial(self._journal.arrange, live.job.id, live.job.priority, live.place))
        if moved:
            self._tell_positions()

    def _keep(self, live: LiveJob) -> None:
        self._write(lambda: self._journal.update(live.job))

    def _write(self, write: Callable[[], None]) -> None:
        """Write to the journal; a full disk must not stop a job that draws, so it is only logged."""
        try:
            write()
        except sqlite3.Error as error:
            logger.error("The journal of jobs could not be written: %s", error)

    def _position(self, job_id: str) -> int:
        return self.waiting_in(self._live[job_id].lane).index(job_id)

    def _tell_positions(self) -> None:
        for lane in get_args(Lane):
            for position, job_id in enumerate(self.waiting_in(lane)):
                self._watchers.push(job_id, JobQueued(job_id=job_id, position=position))
