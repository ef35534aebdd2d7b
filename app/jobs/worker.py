"""The main loop of a worker process: says how it is, runs jobs one after another, and survives what they do."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from app.contracts import JobKinds, WeightsCache
from app.errors import JobStopped, UserError
from app.jobs.failure import job_failure
from app.jobs.link import Task, WorkerLink
from app.jobs.run import WorkerRun
from app.values.base import Json
from app.values.events import Event, Fact, JobCancelled, JobDone, JobStarted, WorkerStatus
from app.values.job import JobResult

logger = logging.getLogger(__name__)
DEVICE_MEMORY = "device memory"
"""Topic of the fact by which a worker that has nothing to do tells the memory of its device."""
Report = Callable[[float, str], None]
Preload = Callable[[Report], str]


class WorkerSettings(Protocol):
    """The settings of the worker's host."""

    def defaults(self) -> Mapping[str, Json]:
        """Every key with its default."""
        ...

    def resolved(self, *layers: Mapping[str, Json]) -> Mapping[str, Json]:
        """Every key: the defaults under these layers; raises UserError."""
        ...


class WorkerHost(Protocol):
    """What the main loop needs of a host."""

    @property
    def settings(self) -> WorkerSettings:
        """Its settings."""
        ...

    @property
    def job_kinds(self) -> JobKinds:
        """Its kinds of jobs."""
        ...


@dataclass(frozen=True)
class Workbench:
    """What jobs work with. ``preload`` loads the configured checkpoint and returns its title; None: load when a job needs it.

    ``memory`` tells how much memory of the device is in use; nothing where it has none of its own.
    """

    name: str
    host: WorkerHost
    weights: WeightsCache
    device: str
    preload: Preload | None = None
    memory: Callable[[], dict[str, Json]] = lambda: {}


def serve(bench: Workbench, link: WorkerLink) -> None:
    """Run jobs until told to quit."""
    Worker(bench, link).serve()


def run_job(bench: Workbench, task: Task, send: Callable[[Event], None]) -> Event:
    """Run a job to its end; whatever its code does, also calling sys.exit, becomes an event."""
    run: WorkerRun | None = None
    try:
        run = _make_run(bench, task, send)
        kind = bench.host.job_kinds.get(task.job.kind)
        request = kind.model.model_validate(task.job.request)
        task.control.check()
        return JobDone(job_id=task.job.id, result=run.with_comments(kind.run(run, request)))
    except JobStopped as stop:
        result = run.result_so_far(stop.kind) if run is not None else JobResult(stopped=stop.kind)
        if stop.kind == "cancel":
            return JobCancelled(job_id=task.job.id, result=result)
        return JobDone(job_id=task.job.id, result=result)
    except BaseException as error:
        failure = job_failure(task.job.id, error, run.result_so_far() if run is not None else JobResult())
        if failure.user_error:
            logger.warning("The job %s failed: %s", task.job.id, failure.error)
        else:
            logger.error("The job %s failed: %s\n%s", task.job.id, failure.error, failure.traceback)
        return failure


def _make_run(bench: Workbench, task: Task, send: Callable[[Event], None]) -> WorkerRun:
    host: Any = bench.host
    known = bench.host.settings.defaults().keys()  # an extension that failed in this process takes its settings with it
    settings = bench.host.settings.resolved({key: value for key, value in task.job.settings.items() if key in known})
    return WorkerRun(task.job, host, settings, bench.weights, task.control, bench.device, send)


class Worker:
    """The state of the loop: which model was named last."""

    def __init__(self, bench: Workbench, link: WorkerLink) -> None:
        self._bench = bench
        self._link = link
        self._model = ""
        self._note = ""

    def serve(self) -> None:
        """Preload, then run jobs until told to quit."""
        self._preload()
        self._say("ready", self._note)
        while (task := self._link.next_task()) is not None:
            self._say("busy")
            self._link.send(JobStarted(job_id=task.job.id))
            self._finish(task)
            self._link.done_with(task)
            self._say("ready")

    def _preload(self) -> None:
        """A checkpoint that cannot be loaded is no reason to refuse jobs, which may name another."""
        if self._bench.preload is None:
            return
        self._say("loading")
        try:
            self._model = self._bench.preload(lambda fraction, text: self._say("loading", f"{text} ({fraction:.0%})"))
        except BaseException as error:
            if isinstance(error, UserError):
                logger.warning("No checkpoint was loaded at the start: %s", error)
            else:
                logger.exception("The checkpoint could not be loaded at the start.")
            self._note = job_failure("", error, JobResult()).error

    def _finish(self, task: Task) -> None:
        """Run the job and tell how it ended; what cannot be told as it is (broken text) is told as a failure."""
        event = run_job(self._bench, task, self._send)
        try:
            self._link.send(event)
        except BaseException as error:
            logger.exception("The result of the job %s could not be sent.", task.job.id)
            self._link.send(job_failure(task.job.id, error, JobResult()))

    def _send(self, event: Event) -> None:
        """Pass a job's event on; one about the worker itself (another checkpoint was loaded) is remembered."""
        if isinstance(event, WorkerStatus):
            self._model = event.model or self._model
            self._say(event.state, event.message)
        else:
            self._link.send(event)

    def _say(self, state: str, message: str = "") -> None:
        status = WorkerStatus.model_validate({"worker": self._bench.name, "state": state, "message": message})
        self._link.send(status.model_copy(update={"model": self._model, "device": self._bench.device}))
        if state == "ready" and (memory := self._bench.memory()):
            self._link.send(Fact(topic=DEVICE_MEMORY, data=memory))
