"""A host whose worker is a real process, with jobs that behave in every way a job can."""

from __future__ import annotations

import threading
from contextlib import contextmanager

import pytest

WAIT_S = 60
ENDLESS = 10_000_000
WORKLOAD = '''
"""Jobs for tests: they count steps, wait, die and hang."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

from pydantic import BaseModel

from app.api import JobImage, JobKind, JobProgress, JobResult, JobStopped, SavedImage, hookimpl


class Task(BaseModel):
    steps: int = 3
    act: str = ""
    at_step: int = 1
    once: str = ""


def _image(index):
    return SavedImage(path=f"/nowhere/{index}.png", width_px=8, height_px=8, infotext="", index=index, seed=index, subseed=0,
                      prompt="", negative_prompt="")


def _act(run, task):
    if task.once and Path(task.once).exists():
        return
    if task.once:
        Path(task.once).touch()
    if task.act == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if task.act == "exit":
        sys.stderr.write("RuntimeError: the driver is gone\\n")
        sys.stderr.flush()
        os._exit(7)
    if task.act == "sys.exit":
        sys.exit(3)
    if task.act == "hang":
        run.report(JobProgress(job_id=run.job.id, fraction=0.5, step=1, steps=2, text="hanging"))
        time.sleep(3600)
    if task.act == "raise":
        raise ValueError("12 is odd")
    if task.act == "print":
        print("this must not reach the events")
        os.write(1, b"nor this\\n")
    if task.act == "read" and os.read(0, 100):
        raise ValueError("a job could read commands")


def run(run, task):
    images = []
    for number in range(1, task.steps + 1):
        try:
            if number == task.at_step and task.act:
                _act(run, task)
            run.report(JobProgress(job_id=run.job.id, fraction=number / task.steps, step=number, steps=task.steps))
            run.control.check()
        except JobStopped as stop:
            if stop.kind == "cancel":
                raise
            images.append(_image(len(images)))
            run.report(JobImage(job_id=run.job.id, image=images[-1]))
            if stop.kind == "interrupt":
                return JobResult(images=tuple(images), stopped="interrupt")
        if task.steps > 1000:
            threading.Event().wait(0.005)
    heavy = sorted({"gradio", "fastapi", "uvicorn"} & set(sys.modules))
    return JobResult(images=tuple(images), info={"pid": os.getpid(), "environment": dict(os.environ), "heavy": heavy})


@hookimpl
def register_job_kinds(host):
    return [JobKind("workload", "Workload", Task, run)]
'''


class Bench:
    """The queue of a running host, and everything it told."""

    def __init__(self, host):
        self.host = host
        self.queue = host.jobs
        self._told = []
        self._changed = threading.Condition()
        self.queue.subscribe(self._hear)

    def _hear(self, event):
        with self._changed:
            self._told.append(event)
            self._changed.notify_all()

    def until(self, wanted, what="an event"):
        """The first event, from the beginning, of which ``wanted`` is true."""
        with self._changed:
            self._changed.wait_for(lambda: any(map(wanted, self._told)), WAIT_S)
            found = [event for event in self._told if wanted(event)]
            assert found, f"{what} did not come; there were {self._told[-20:]}"
            return found[0]

    def submit(self, **task):
        return self.queue.submit("workload", task, owner="anna", source="test", settings={})

    def drawing(self, job):
        """Wait until the job has told a step."""
        return self.until(lambda event: event.type == "progress" and event.job_id == job.id, "progress")

    def ended(self, job):
        """Wait for the end."""
        ended = self.queue.wait(job.id, WAIT_S)
        assert ended.state.ended, f"the job is still {ended.state}; the worker: {self.queue.worker_status()}"
        return ended

    def run(self, **task):
        return self.ended(self.submit(**task))

    @property
    def executor(self):
        return self.host.executors.get("local")


@pytest.fixture
def workload(write_extension):
    """Write the extension with the jobs into the data folder."""
    return write_extension("workload", WORKLOAD)


@pytest.fixture
def open_bench(workload, make_host):
    """``with open_bench() as bench``: a running web host in the same data folder each time."""

    @contextmanager
    def opening(**options):
        host = make_host("local_executor", "workload", device="cpu", preload_model=False, **options)
        with host.running():
            yield Bench(host)

    return opening


@pytest.fixture
def bench(open_bench):
    with open_bench() as bench:
        yield bench
