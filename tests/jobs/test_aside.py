"""Jobs that need no device run beside the others: at once, stopped like them, and taken up again by the next start."""

from __future__ import annotations

import threading
from contextlib import closing

import pytest

from app.contracts import JobKind
from app.errors import NotFoundError
from app.hookspecs import hookimpl
from app.jobs.aside import ThreadExecutor
from app.jobs.database import open_database
from app.jobs.queue import JobQueue
from app.testing.web import running_client
from app.values.base import Value
from app.values.job import JobResult
from tests.jobs.fakes import Counting, FakeExecutor

PATIENCE_S = 20


class Settings:
    def defaults(self):
        return {"known": 1}

    def resolved(self, *layers):
        return {"known": 1, **layers[0]}


class Kinds:
    """The kind "count" wants the device; "fetch" waits until it is let go or stopped; "exit" tries to end the program, "load" a model."""

    def __init__(self):
        self.go = threading.Event()
        self.began = threading.Event()

    def get(self, name):
        kinds = {"fetch": self._fetch, "exit": self._exit, "load": self._load}
        if name == "count":
            return JobKind("count", "Count", Counting, lambda run, request: JobResult())
        if name not in kinds:
            raise NotFoundError(name)
        return JobKind(name, name, Value, kinds[name], needs_device=False)

    def _fetch(self, run, request):
        self.began.set()
        run.tell("waiting", 0.5)
        while not self.go.wait(0.005):
            run.control.check()
        run.comment(f"known is {run.settings['known']}")
        return JobResult(info={"fetched": True})

    def _exit(self, run, request):
        raise SystemExit(3)

    def _load(self, run, request):
        run.weights.pin("x", None)


class Host:
    def __init__(self, kinds):
        self.settings, self.job_kinds = Settings(), kinds


class Bench:
    def __init__(self, path, slots=1):
        self.kinds = Kinds()
        self.device = FakeExecutor(1)
        self.database = open_database(path)
        self.queue = JobQueue(self.database, self.device, self.kinds, aside=ThreadExecutor(Host(self.kinds), slots))
        self.queue.start()

    def submit(self, kind):
        return self.queue.submit(kind, {}, owner="", settings={"known": 2, "gone": 3})

    def close(self):
        self.queue.close()
        self.database.close()


@pytest.fixture
def bench(tmp_path):
    with closing(Bench(tmp_path / "jobs.sqlite3")) as bench:
        yield bench


def test_it_neither_waits_for_the_device_nor_holds_it_up(bench):
    drawing, fetch = bench.submit("count"), bench.submit("fetch")
    assert bench.kinds.began.wait(PATIENCE_S)
    second, later = bench.submit("fetch"), bench.submit("count")
    assert [job.id for job in bench.device.submitted] == [drawing.id]
    assert {bench.queue.snapshot(job.id).position for job in (second, later)} == {0}, "each is the next in its own lane"
    bench.kinds.go.set()
    done = bench.queue.wait(fetch.id, PATIENCE_S)
    assert done.state == "done" and done.result.info == {"fetched": True} and done.result.comments == ("known is 2",)
    assert bench.queue.wait(second.id, PATIENCE_S).state == "done"
    assert bench.queue.snapshot(later.id).position == 0


@pytest.mark.parametrize(("action", "state"), [("cancel", "cancelled"), ("interrupt", "done")])
def test_it_is_stopped_like_any_other(bench, action, state):
    job = bench.submit("fetch")
    assert bench.kinds.began.wait(PATIENCE_S)
    bench.queue.control(job.id, action)
    assert bench.queue.wait(job.id, PATIENCE_S).state == state
    assert bench.device.controls == []


def test_code_that_tries_to_end_the_program_fails_its_job_only(bench):
    failed = bench.queue.wait(bench.submit("exit").id, PATIENCE_S)
    assert failed.state == "failed" and "SystemExit" in failed.error
    bench.kinds.go.set()
    assert bench.queue.wait(bench.submit("fetch").id, PATIENCE_S).state == "done"


def test_the_end_of_the_program_leaves_it_to_the_next_start(tmp_path):
    with closing(Bench(tmp_path / "jobs.sqlite3")) as first:
        job = first.submit("fetch")
        assert first.kinds.began.wait(PATIENCE_S)
    with closing(Bench(tmp_path / "jobs.sqlite3")) as second:
        second.kinds.go.set()
        again = second.queue.wait(job.id, PATIENCE_S)
        assert (again.state, again.attempts) == ("done", 2)


def test_no_weights_are_to_be_had(bench):
    failed = bench.queue.wait(bench.submit("load").id, PATIENCE_S)
    assert failed.state == "failed" and "needs_device" in failed.error


def test_a_kind_with_a_route_of_its_own_is_not_taken_by_the_common_one(make_host):
    host = make_host(nowebui=True)
    host.hooks.register("guarding", Guarding())
    host.refill()
    with running_client(host) as client:
        refused = client.post("/paintbox/v1/jobs", json={"kind": "guarded"})
        assert refused.status_code == 403 and "/paintbox/v1/guarded" in refused.json()["detail"]
        assert client.post("/paintbox/v1/jobs", json={"kind": "open"}).status_code == 202


class Guarding:
    """Two kinds of jobs, one of which has a route of its own."""

    @hookimpl
    def register_job_kinds(self, host):
        for name, route in (("guarded", "/paintbox/v1/guarded"), ("open", "")):
            yield JobKind(name, name, Value, lambda run, request: JobResult(), needs_device=False, asked_at=route)
