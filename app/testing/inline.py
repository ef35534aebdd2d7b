"""An executor for tests whose worker is a thread of the test's own process: no start-up time, and the real code of a worker."""

from __future__ import annotations

import io
import threading
from queue import SimpleQueue

from app.contracts import ControlAction, ExecutorSink
from app.host import Host
from app.jobs.control import Control
from app.jobs.link import Task, WorkerLink
from app.jobs.worker import Workbench, serve
from app.values.base import Value
from app.values.events import WorkerStatus, event_adapter
from app.values.job import Job
from app.weights.cache import CacheLimits, ModelCache
from app.weights.loading import checkpoint_loader

JOIN_S = 30


class InlineExecutor:
    """One slot. The worker uses the web host, whose extensions must provide what a worker needs.

    While ``hold`` is not set (it is at the beginning), a job passes ``free_checks`` check points and waits at every later one for
    ``hold``, or for a wish.
    """

    id = "inline"

    def __init__(self, host: Host) -> None:
        self.hold = threading.Event()
        self.hold.set()
        self.free_checks = 0
        self.jobs: list[Job] = []
        self._host = host
        self._link = _InlineLink(self)
        self._thread: threading.Thread | None = None
        self._control: Control | None = None
        self.sink: ExecutorSink = lambda event: None

    def start(self, sink: ExecutorSink) -> None:
        """Start the thread."""
        self.sink = sink
        weights = ModelCache(checkpoint_loader(self._host.models, self._host.families), lambda: CacheLimits(2, 1 << 30))
        bench = Workbench(self.id, self._host, weights, "cpu")
        self._thread = threading.Thread(target=serve, args=(bench, self._link), name="inline-worker", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Give the thread this job."""
        self.jobs.append(job)
        self._control = _HeldControl(self.hold, self.free_checks)
        self._link.tasks.put(Task(job, self._control))

    def control(self, job_id: str, action: ControlAction) -> None:
        """Pass a wish to the running job."""
        if self._control is not None and self.jobs[-1].id == job_id:
            self._control.request(action)

    @property
    def free_slots(self) -> int:
        """1 while nothing runs."""
        return 0 if self._control is not None or self._thread is None else 1

    def finished(self) -> None:
        """The worker is done with its job."""
        self._control = None

    def close(self) -> None:
        """Stop the running job and end the thread."""
        if self._thread is None:
            return
        if self._control is not None:
            self._control.request("cancel")
        self._link.tasks.put(None)
        self._thread.join(timeout=JOIN_S)
        self._thread = None


class _InlineLink(WorkerLink):
    """The line between the queue's thread and the worker's; events go through JSON as on a real line."""

    def __init__(self, executor: InlineExecutor) -> None:
        super().__init__(io.BytesIO(), io.BytesIO())
        self.tasks: SimpleQueue[Task | None] = SimpleQueue()
        self._executor = executor

    def send(self, event: Value) -> None:
        told = event_adapter.validate_json(event.model_dump_json())
        if isinstance(told, WorkerStatus) and told.state == "ready":
            self._executor.finished()
        self._executor.sink(told)

    def next_task(self) -> Task | None:
        return self.tasks.get()

    def done_with(self, task: Task) -> None:
        """Nothing is kept."""


class _HeldControl(Control):
    """Wishes that come while the job is held back take effect at once."""

    def __init__(self, hold: threading.Event, free_checks: int) -> None:
        super().__init__()
        self._hold = hold
        self._free_checks = free_checks
        self._wished = threading.Event()

    def request(self, action: ControlAction) -> None:
        super().request(action)
        self._wished.set()

    def check(self) -> None:
        self._free_checks -= 1
        while self._free_checks < 0 and not self._hold.is_set() and not self._wished.wait(timeout=0.005):
            continue
        self._wished.clear()
        super().check()
