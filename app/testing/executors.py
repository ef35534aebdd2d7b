"""The contract of an executor: it reports, fails and cancels cleanly, and leaves no process behind."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

from app.contracts import Executor
from app.hookspecs import hookimpl
from app.host import Host
from app.values.events import Event, JobCancelled, JobDone, JobFailed, JobStarted, WorkerStatus
from app.values.job import Job


class ExecutorPlugin:
    """What an extension would register for an executor."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    @hookimpl
    def register_executors(self, host: Host) -> list[Executor]:
        """The executor."""
        return [self._executor]


@dataclass(frozen=True)
class ExecutorJobs:
    """Jobs that the executor's workers can run: one that ends well, one that raises, and one that runs until it is stopped."""

    short: Job
    failing: Job
    endless: Job


def check_executor(executor: Executor, jobs: ExecutorJobs, timeout_s: float = 120) -> None:
    """Start it, run the three jobs one after another, close it twice; ``timeout_s`` is for every single wait."""
    events: queue.Queue[Event] = queue.Queue()
    before = _children()

    def sink(event: Event) -> None:
        events.put(event)

    executor.start(sink)
    try:
        _until(events, lambda event: isinstance(event, WorkerStatus) and event.state == "ready", timeout_s)
        assert executor.free_slots > 0, "a ready executor has no free slot"
        executor.submit(jobs.short)
        done = _end_of(events, jobs.short, timeout_s)
        assert isinstance(done, JobDone), f"the short job ended with {done}"
        executor.submit(jobs.failing)
        failed = _end_of(events, jobs.failing, timeout_s)
        assert isinstance(failed, JobFailed) and failed.error, f"the failing job ended with {failed}"
        executor.submit(jobs.endless)
        _until(events, lambda event: isinstance(event, JobStarted) and event.job_id == jobs.endless.id, timeout_s)
        executor.control(jobs.endless.id, "cancel")
        cancelled = _end_of(events, jobs.endless, timeout_s)
        assert isinstance(cancelled, JobCancelled), f"the cancelled job ended with {cancelled}"
    finally:
        executor.close()
        executor.close()
    psutil.wait_procs([psutil.Process(pid) for pid in _children() - before if psutil.pid_exists(pid)], timeout=10)
    assert _children() - before == set(), "processes were left behind"


def _children() -> set[int]:
    return {child.pid for child in psutil.Process().children(recursive=True) if child.status() != psutil.STATUS_ZOMBIE}


def _end_of(events: queue.Queue[Event], job: Job, timeout_s: float) -> Event:
    return _until(events, lambda event: isinstance(event, JobDone | JobFailed | JobCancelled) and event.job_id == job.id, timeout_s)


def _until(events: queue.Queue[Event], wanted: Callable[[Event], bool], timeout_s: float) -> Event:
    deadline = time.monotonic() + timeout_s
    seen: list[str] = []
    while True:
        try:
            event = events.get(timeout=max(0.01, deadline - time.monotonic()))
        except queue.Empty:
            raise AssertionError(f"nothing more came within {timeout_s} s; the events were {seen}") from None
        seen.append(f"{event.type}:{getattr(event, 'state', '')}")
        if wanted(event):
            return event
