"""Runs jobs that need no device beside the workers, in threads of the web process."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager

from app.contracts import ControlAction, ExecutorSink, LoadedModel, LoadOptions
from app.jobs.control import Control
from app.jobs.link import Task
from app.jobs.worker import Workbench, WorkerHost, run_job
from app.values.events import Event, JobStarted
from app.values.job import Job

SLOTS = 3
"""A server that is slow should not hold up what comes from others."""
END_S = 5.0
"""How long the end of the program waits for threads; they die with the process."""


class NoWeights:
    """Implements ``WeightsCache`` where there is no device."""

    def pin(self, path: str, options: LoadOptions) -> AbstractContextManager[LoadedModel]:
        """Nothing can be loaded here."""
        raise RuntimeError("A kind of jobs with needs_device=False loads no models.")

    def clear(self) -> None:
        """There is nothing to drop."""


class ThreadExecutor:
    """Implements ``Executor`` without processes: nothing has to be started, and the jobs see the web process's host.

    A thread cannot be killed: jobs of this sort look after wishes themselves, also while they wait. When the program ends they are
    cancelled without a word to the queue, so that the next start takes them up again.
    """

    id = "threads"

    def __init__(self, host: WorkerHost, slots: int = SLOTS) -> None:
        self._bench = Workbench("threads", host, NoWeights(), "")
        self._slots = slots
        self._lock = threading.Lock()
        self._running: dict[str, tuple[Control, threading.Thread]] = {}
        self._sink: ExecutorSink = _nobody
        self._closed = False

    def start(self, sink: ExecutorSink) -> None:
        """Remember whom to tell."""
        self._sink = sink

    @property
    def free_slots(self) -> int:
        """How many jobs more may run now."""
        with self._lock:
            return 0 if self._closed else self._slots - len(self._running)

    def submit(self, job: Job) -> None:
        """Give the job a thread."""
        task = Task(job, Control())
        thread = threading.Thread(target=self._run, args=(task,), name=f"job-{job.kind}", daemon=True)
        with self._lock:
            self._running[job.id] = (task.control, thread)
        thread.start()

    def control(self, job_id: str, action: ControlAction) -> None:
        """Pass a wish on."""
        with self._lock:
            running = self._running.get(job_id)
        if running is not None:
            running[0].request(action)

    def close(self) -> None:
        """Stop all jobs; those that do not answer are left to the end of the process."""
        with self._lock:
            self._closed, running = True, list(self._running.values())
        for control, _ in running:
            control.request("cancel")
        for _, thread in running:
            thread.join(END_S)

    def _run(self, task: Task) -> None:
        self._sink(JobStarted(job_id=task.job.id))
        event = run_job(self._bench, task, self._sink)
        with self._lock:
            del self._running[task.job.id]
            closed = self._closed
        if not closed:
            self._sink(event)


def _nobody(event: Event) -> None:
    """The sink before the start."""
