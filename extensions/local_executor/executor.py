"""The embedded executor: keeps one worker process alive and gives it one job at a time."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Literal

from app.api import (
    ControlAction,
    ControlJob,
    Event,
    ExecutorSink,
    Job,
    JobCancelled,
    JobDone,
    JobFailed,
    Json,
    Quit,
    RunJob,
    WorkerStatus,
)
from extensions.local_executor.guard import CrashGuard
from extensions.local_executor.launch import Launch
from extensions.local_executor.process import Listener, WorkerProcess

logger = logging.getLogger(__name__)
NAME = "local"
DEFAULT_KILL_AFTER_S = 30.0
Phase = Literal["starting", "ready", "halted", "closed"]
"""``halted``: it died too often; the next job starts it once more."""


class LocalExecutor:
    """Implements ``Executor``; all methods may be called from any thread, and the sink is never called under the lock."""

    id = NAME

    def __init__(self, launch: Launch, kill_after_s: Callable[[], Json], guard: CrashGuard | None = None) -> None:
        self._launch = launch
        self._kill_after_s = kill_after_s
        self._guard = guard or CrashGuard()
        self._lock = threading.Lock()
        self._sink: ExecutorSink = _nobody
        self._process: WorkerProcess | None = None
        self._phase: Phase = "starting"
        self._on_trial = False
        self._job: Job | None = None
        self._cancel_timer: threading.Timer | None = None
        self._is_stale = False
        self._renewal: threading.Thread | None = None

    def start(self, sink: ExecutorSink) -> None:
        """Start the worker; returns at once."""
        self._sink = sink
        self._start_worker()

    @property
    def free_slots(self) -> int:
        """1 when a job can be given now; also when the worker is halted, because a job starts it again."""
        with self._lock:
            return int(self._job is None and self._phase in ("ready", "halted"))

    @property
    def pid(self) -> int | None:
        """The worker's process id."""
        with self._lock:
            return self._process.pid if self._process is not None else None

    def submit(self, job: Job) -> None:
        """Give the worker a job; a halted worker is started for it, and one that is just being started gets it with the start."""
        with self._lock:
            self._job = job
            if self._process is not None:
                self._process.send(RunJob(job=job))
            halted = self._phase == "halted"
            if halted:
                self._phase, self._on_trial = "starting", True
        if halted:
            self._start_worker()

    def control(self, job_id: str, action: ControlAction) -> None:
        """Pass a wish on; a cancel that is not answered in time ends the worker."""
        with self._lock:
            if self._job is None or self._job.id != job_id:
                return
            unstarted = self._process is None
            if self._process is not None:
                self._process.send(ControlJob(job_id=job_id, action=action))
                self._await_end(job_id, action)
            elif action in ("cancel", "interrupt"):
                self._job = None
        if unstarted and action in ("cancel", "interrupt"):
            self._sink(JobCancelled(job_id=job_id))

    def close(self) -> None:
        """End the worker; returns when it is gone."""
        with self._lock:
            self._phase, self._job = "closed", None
            process, self._process = self._process, None
            self._stop_timer()
            renewal = self._renewal
        if process is not None:
            process.close(Quit())
        if renewal is not None:
            renewal.join()

    def renew(self) -> None:
        """Start the worker anew, with the extensions of that moment: now, or when its job has ended."""
        with self._lock:
            self._is_stale = True
        self._renew_when_idle()

    def _renew_when_idle(self) -> None:
        with self._lock:
            if not self._is_stale or self._job is not None or self._phase == "closed":
                return
            self._is_stale, self._phase, self._on_trial = False, "starting", False
            process, self._process = self._process, None
            self._renewal = threading.Thread(target=self._replace, args=(process, self._renewal), name="worker-renewal", daemon=True)
            self._renewal.start()

    def _replace(self, process: WorkerProcess | None, before: threading.Thread | None) -> None:
        """End a worker, then start the next one: there is never memory taken for two."""
        if before is not None:
            before.join()
        if process is not None:
            process.close(Quit())
        self._start_worker()

    # --- the worker's words, in its threads ---

    def _on_event(self, process: WorkerProcess, event: Event) -> None:
        with self._lock:
            if process is not self._process:
                return
            if isinstance(event, WorkerStatus):
                event = event.model_copy(update={"worker": NAME})
                if event.state == "ready" and self._phase == "starting":
                    self._phase, self._on_trial = "ready", False
            elif isinstance(event, (JobDone, JobFailed, JobCancelled)) and self._job is not None and event.job_id == self._job.id:
                self._job = None
                self._stop_timer()
                self._guard.reset()
        self._sink(event)
        self._renew_when_idle()

    def _on_exit(self, process: WorkerProcess, reason: str) -> None:
        """Start another worker unless it is no use, and say what became of the job."""
        with self._lock:
            if process is not self._process:
                return
            job, self._job, self._process = self._job, None, None
            cancelled = self._cancel_timer is not None
            self._stop_timer()
            halted = self._on_trial or (job is None and self._guard.died(time.monotonic()))
            self._phase, self._on_trial = "halted" if halted else "starting", False
        self._say_stopped(f"{reason} It died too often and is started again with the next job." if halted else reason)
        if job is not None:
            ended = JobCancelled(job_id=job.id) if cancelled else JobFailed(job_id=job.id, error=reason, lost=True)
            self._sink(ended)
        if not halted:
            self._start_worker()

    # --- starting ---

    def _start_worker(self) -> None:
        """Start a process, unless the executor is closed meanwhile, with the job that came while there was none."""
        self._sink(WorkerStatus(worker=NAME, state="starting"))
        with self._lock:
            if self._phase == "closed":
                return
            try:
                self._process = WorkerProcess(self._launch)
            except OSError as error:
                problem = f"The worker process could not be started: {error}."
                self._phase, self._on_trial = "halted", False
                job, self._job = self._job, None
            else:
                self._process.listen(Listener(self._on_event, self._on_exit))
                if self._job is not None:
                    self._process.send(RunJob(job=self._job))
                return
        self._say_stopped(problem)
        if job is not None:
            self._sink(JobFailed(job_id=job.id, error=problem, lost=True))

    def _say_stopped(self, reason: str) -> None:
        logger.error("%s", reason)
        self._sink(WorkerStatus(worker=NAME, state="stopped", message=reason))

    # --- cancelling ---

    def _await_end(self, job_id: str, action: ControlAction) -> None:
        """Begin to lose patience with a job that is cancelled; called under the lock."""
        if action == "cancel" and self._cancel_timer is None:
            limit_s = self._limit_s()
            self._cancel_timer = threading.Timer(limit_s, self._lose_patience, (job_id, limit_s))
            self._cancel_timer.daemon = True
            self._cancel_timer.start()

    def _lose_patience(self, job_id: str, limit_s: float) -> None:
        with self._lock:
            if self._job is not None and self._job.id == job_id and self._process is not None:
                self._process.kill(f"The worker process did not answer a cancel within {limit_s:g} s and was ended.")

    def _stop_timer(self) -> None:
        if self._cancel_timer is not None:
            self._cancel_timer.cancel()
            self._cancel_timer = None

    def _limit_s(self) -> float:
        value = self._kill_after_s()
        return float(value) if isinstance(value, (int, float)) else DEFAULT_KILL_AFTER_S


def _nobody(event: Event) -> None:
    """The sink before the start."""
