"""The queue: takes jobs, hands them to the executor one after another, and lets everybody follow them."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from queue import SimpleQueue
from typing import Literal

from app.contracts import ControlAction, Executor, JobKinds, RenewableExecutor
from app.errors import NotFoundError, UserError
from app.jobs.book import JobBook
from app.jobs.callbacks import Callbacks
from app.jobs.database import Database
from app.jobs.journal import PLAIN_ENTRY, Entry, JobFilter, Journal
from app.jobs.keep import Drafts
from app.jobs.live import Lane
from app.jobs.submission import make_job
from app.jobs.subscription import Closed, Item, Lagging
from app.jobs.watchers import Watchers
from app.values.base import Json
from app.values.events import Event, JobCancelled, JobFailed, WorkerStatus
from app.values.job import Job, JobState
from app.values.snapshot import JobSnapshot

logger = logging.getLogger(__name__)
MOST_WAITING = 1000
Errand = Literal["look for work", "end"]


class JobQueue:
    """All jobs of this Paintbox; usable from any thread between ``start`` and ``close``.

    Events of the executor go through an inbox that one thread empties, so an executor may report from any thread and at any time,
    also from inside ``submit``. Jobs run in the order of their submission, in which every owner may arrange their own.
    ``aside`` runs the kinds that need no device, independently of the others; None: the executor runs all.
    ``notice`` is a sentence for the user when the journal was damaged and begun anew.
    """

    def __init__(
        self,
        database: Database,
        executor: Executor,
        job_kinds: JobKinds,
        clock: Callable[[], float] = time.time,
        aside: Executor | None = None,
    ) -> None:
        self.drafts = Drafts(database)
        self.callbacks = Callbacks(database)
        self.notice = database.notice
        self._executors: dict[Lane, Executor] = {"device": executor} if aside is None else {"device": executor, "aside": aside}
        self._kinds = job_kinds
        self._clock = clock
        self._changed = threading.Condition(threading.RLock())
        self._watchers = Watchers()
        self._book = JobBook(Journal(database), self._watchers, clock, self._lane_of)
        self._status = WorkerStatus(worker="", state="starting")
        self._inbox: SimpleQueue[Event | Errand] = SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name="job-queue", daemon=True)
        self._closed = False

    # --- life ---

    def start(self) -> None:
        """Take up what the last process left, and start the executor."""
        with self._changed:
            self._book.restore()
        self._thread.start()
        for executor in self._executors.values():
            executor.start(self._receive)
        self._inbox.put("look for work")

    def close(self) -> None:
        """End the executor and let everybody go who waits; jobs that have not ended are taken up by the next start."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._watchers.close()
            self._changed.notify_all()
        self._inbox.put("end")
        if self._thread.ident is not None:
            self._thread.join()
            for executor in self._executors.values():
                executor.close()

    # --- jobs ---

    def submit(
        self,
        kind: str,
        request: Mapping[str, Json],
        *,
        owner: str,
        source: str = "",
        settings: Mapping[str, Json],
        entry: Entry = PLAIN_ENTRY,
    ) -> Job:
        """Take a job; raises UserError that names the field at fault, or NotFoundError for an unknown kind.

        With a key that the owner has used, the job that it was used for.
        """
        job = make_job(self._kinds.get(kind), request, settings, owner=owner, source=source, now=self._clock())
        job = job.model_copy(update={"priority": entry.priority})
        with self._changed:
            if earlier := self._book.named(owner, entry):
                return earlier
            if self._closed:
                raise UserError("Paintbox is ending and takes no more jobs.", status=503)
            if self._book.waiting_count >= MOST_WAITING:
                raise UserError(f"{MOST_WAITING} jobs are waiting already.", hint="Wait until some are done, or cancel some.", status=503)
            try:
                self._book.add(job, entry)
            except sqlite3.Error as error:
                raise UserError(f"The job could not be written to the journal: {error}.", hint="Is the disk full?", status=507) from error
        self._inbox.put("look for work")
        return job

    def named(self, owner: str, entry: Entry) -> Job | None:
        """The job that its owner has asked for under the entry's key; raises UserError when that was another request."""
        with self._changed:
            return self._book.named(owner, entry)

    def arrange(self, job_id: str, *, priority: int | None = None, position: int | None = None) -> Job:
        """Give a waiting job another priority, or another position among those of its owner; raises NotFoundError, UserError."""
        with self._changed:
            if not self._book.is_waiting(job_id):
                state = self._book.snapshot(job_id).job.state
                raise UserError(f"The job {job_id} does not wait: it is {state}.", hint="Only waiting jobs can be moved.", status=409)
            self._book.arrange(job_id, priority, position)
            return self._book.snapshot(job_id).job

    def get(self, job_id: str) -> Job:
        """The job, while it runs with the pictures so far; raises NotFoundError."""
        return self.snapshot(job_id).job

    def list(
        self,
        owner: str | None = None,
        states: Collection[JobState] | None = None,
        limit: int = 100,
        before: str | None = None,
        source: str | None = None,
    ) -> list[Job]:
        """Jobs, the newest first; ``before`` is the id of the last job of the previous page, ``source`` who asked for them."""
        with self._changed:
            return self._book.list(JobFilter(owner, states, before, source), limit)

    def snapshot(self, job_id: str) -> JobSnapshot:
        """Everything known of the job; raises NotFoundError."""
        with self._changed:
            return self._book.snapshot(job_id)

    def missing(self, job_id: str) -> NotFoundError:
        """The error that says that there is no such job."""
        return self._book.missing(job_id)

    def control(self, job_id: str, action: ControlAction) -> Job:
        """Ask a job to stop; a waiting one is cancelled at once, one that has ended is left as it is. Raises NotFoundError."""
        ends = action in ("cancel", "interrupt")
        with self._changed:
            live = self._book.live(job_id)
            if live is not None and not self._closed:
                if not self._book.is_waiting(job_id):
                    live.note_wish(action)
                    self._executors[live.lane].control(job_id, action)
                elif ends:
                    self._book.end(live, JobCancelled(job_id=job_id))
                    self._changed.notify_all()
                    self._inbox.put("look for work")
            return self._book.snapshot(job_id).job

    # --- watching ---

    def wait(self, job_id: str, timeout: float | None = None) -> Job:
        """The job when it has ended, or as it is after ``timeout`` seconds or when Paintbox ends; raises NotFoundError."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or not self._book.is_live(job_id), timeout)
            return self._book.snapshot(job_id).job

    async def events(self, job_id: str) -> AsyncIterator[Item]:
        """A snapshot, then what happens, and at the end a snapshot of the ended job; raises NotFoundError.

        A slow reader gets only the newest preview, progress and position, and a fresh snapshot when it missed more.
        """
        with self._changed:
            item: Item = self._book.snapshot(job_id)
            subscription = self._watchers.open(job_id)
            if self._closed:
                subscription.close()
        try:
            while True:
                yield item
                if isinstance(item, JobSnapshot) and item.job.state.ended:
                    return
                try:
                    item = await subscription.next()
                except Lagging:
                    item = self.snapshot(job_id)
                except Closed:
                    return
        finally:
            self._watchers.drop(job_id, subscription)

    def subscribe(self, callback: Callable[[Event], None]) -> Callable[[], None]:
        """Call ``callback`` with every event of all jobs and workers, in the queue's thread; returns a function that ends it."""
        return self._watchers.add_callback(callback)

    def renew_workers(self) -> bool:
        """Have the workers started anew, each as soon as it has no job; False where the executor cannot do that."""
        executor = self._executors["device"]
        if not isinstance(executor, RenewableExecutor):
            return False
        executor.renew()
        return True

    def worker_status(self) -> WorkerStatus:
        """What the worker said last."""
        return self._status

    def _lane_of(self, job: Job) -> Lane:
        """Where the job runs; one of a kind that nobody provides any more fails in the device's lane."""
        if "aside" not in self._executors:
            return "device"
        try:
            return "device" if self._kinds.get(job.kind).needs_device else "aside"
        except NotFoundError:
            return "device"

    # --- the queue's thread ---

    def _receive(self, event: Event) -> None:
        self._inbox.put(event)

    def _serve(self) -> None:
        while True:
            item = self._inbox.get()
            if item == "end":
                return
            try:
                if not isinstance(item, str):
                    self._take(item)
                self._dispatch()
                self._watchers.tell_callbacks()
            except Exception:
                logger.exception("The queue could not handle %r", item)

    def _take(self, event: Event) -> None:
        with self._changed:
            if isinstance(event, WorkerStatus):
                self._status = event
            self._book.take(event)
            self._changed.notify_all()

    def _dispatch(self) -> None:
        """Hand waiting jobs to the executors while they take them."""
        for lane, executor in self._executors.items():
            self._dispatch_in(lane, executor)

    def _dispatch_in(self, lane: Lane, executor: Executor) -> None:
        with self._changed:
            while self._book.waiting_in(lane) and not self._closed and executor.free_slots > 0:
                live = self._book.begin_next(lane)
                try:
                    self._kinds.get(live.job.kind)
                    executor.submit(live.job)
                except Exception as error:
                    logger.exception("The job %s could not be started", live.job.id)
                    failed = JobFailed(
                        job_id=live.job.id, error=f"The job could not be started: {error}", user_error=isinstance(error, UserError)
                    )
                    self._book.end(live, failed)
                    self._changed.notify_all()
