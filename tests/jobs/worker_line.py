"""A worker's loop in this process, driven over real pipes, with one kind of job that is the test's function."""

from __future__ import annotations

import os
import threading
from queue import Queue

from app.contracts import JobKind
from app.errors import NotFoundError, UserError
from app.jobs.link import WorkerLink
from app.jobs.wire import Quit, RunJob, decode_event, encode_line
from app.jobs.worker import Workbench, serve
from app.values.base import Value
from app.values.events import JobCancelled, JobDone, JobFailed, WorkerStatus
from app.values.job import Job, JobResult

WAIT_S = 10


class Request(Value):
    """A request of the kind under test."""

    number: int = 0


class Settings:
    """Settings with one key."""

    def defaults(self):
        return {"quality": 80}

    def resolved(self, *layers):
        values = {"quality": 80}
        for layer in layers:
            for key, value in layer.items():
                if not isinstance(value, int):
                    raise UserError(f"The setting {key!r} cannot be {value!r}.", field=key)
                values[key] = value
        return values


class FakeHost:
    """One kind of job, "do", that runs the test's function."""

    def __init__(self, function):
        self.settings = Settings()
        self.job_kinds = self
        self.kind = JobKind("do", "Do", Request, function)

    def get(self, name):
        if name != "do":
            raise NotFoundError(f"There is no kind of job {name!r}.")
        return self.kind


class Line:
    """The web process's end."""

    def __init__(self, function, preload=None, **more):
        command_end, self._commands = os.pipe()
        self._events, event_end = os.pipe()
        self.orphaned = threading.Event()
        self.link = WorkerLink(os.fdopen(command_end, "rb"), os.fdopen(event_end, "wb"), self.orphaned.set)
        self.bench = Workbench("w", FakeHost(function), None, "cpu", preload, **more)
        self.events = Queue()
        self.worker = threading.Thread(target=self._serve, daemon=True)
        self.reader = threading.Thread(target=self._read, daemon=True)

    def __enter__(self):
        self.link.start()
        self.worker.start()
        self.reader.start()
        return self

    def __exit__(self, *error):
        if self._commands is None:
            self.link._tasks.put(None)
        elif self.worker.is_alive():
            self.send(Quit())
        self.worker.join(WAIT_S)
        self.link._events.close()
        self.reader.join(WAIT_S)
        if self._commands is not None:
            os.close(self._commands)
        assert not self.worker.is_alive(), "the worker does not end"

    def _serve(self):
        serve(self.bench, self.link)

    def _read(self):
        with os.fdopen(self._events, "rb") as pipe:
            for line in pipe:
                self.events.put(decode_event(line))

    def send(self, command):
        os.write(self._commands, encode_line(command))

    def raw(self, line):
        os.write(self._commands, line)

    def hang_up(self):
        os.close(self._commands)
        self._commands = None

    def until(self, *types):
        while True:
            event = self.events.get(timeout=WAIT_S)
            if isinstance(event, types):
                return event

    def states(self, last):
        seen = []
        while not seen or seen[-1].state != last:
            seen.append(self.until(WorkerStatus))
        return seen

    def run(self, job_id="j", **fields):
        self.send(RunJob(job=Job(id=job_id, kind=fields.pop("kind", "do"), owner="", created=0.0, **fields)))

    def outcome(self, **fields):
        self.run(**fields)
        return self.until(JobDone, JobFailed, JobCancelled)


def result(*images):
    return JobResult(images=images)
