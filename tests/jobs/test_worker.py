"""The worker's loop, driven over real pipes in this process: it says how it is, and survives whatever a job does."""

from __future__ import annotations

import os
import threading
from queue import Queue

import pytest

from app.contracts import JobKind
from app.errors import JobStopped, NotFoundError, UserError
from app.jobs.failure import OUT_OF_MEMORY
from app.jobs.link import WorkerLink
from app.jobs.wire import ControlJob, Quit, RunJob, decode_event, encode_line
from app.jobs.worker import DEVICE_MEMORY, Workbench, serve
from app.values.base import Value
from app.values.events import Fact, JobCancelled, JobDone, JobFailed, JobImage, JobProgress, WorkerStatus
from app.values.job import Job, JobResult
from tests.jobs.fakes import picture

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


def test_a_job_runs_with_its_request_and_settings():
    def work(run, request):
        return JobResult(info={"number": request.number, "quality": run.settings["quality"], "device": run.device})

    with Line(work) as line:
        assert line.outcome(request={"number": 5}).result.info == {"number": 5, "quality": 80, "device": "cpu"}
        assert line.outcome(settings={"quality": 95}).result.info["quality"] == 95


def test_the_worker_says_ready_busy_and_ready_again():
    with Line(lambda run, request: result()) as line:
        line.states("ready")
        line.run()
        assert [status.state for status in line.states("ready")] == ["busy", "ready"]


def test_it_tells_the_memory_of_its_device_whenever_it_has_nothing_to_do():
    told = iter([{"used": 1}, {"used": 2}, {}])
    with Line(lambda run, request: result(), memory=lambda: next(told)) as line:
        assert line.until(Fact) == Fact(topic=DEVICE_MEMORY, data={"used": 1})
        line.outcome()
        assert line.until(Fact).data == {"used": 2}
        line.outcome()
        assert [status.state for status in line.states("ready")] == ["ready"]


def test_it_says_how_loading_goes_and_which_model_it_has():
    def preload(report):
        report(0.25, "Reading night.safetensors")
        return "night.safetensors"

    with Line(lambda run, request: result(), preload) as line:
        seen = line.states("ready")
        assert [status.message for status in seen] == ["", "Reading night.safetensors (25%)", ""]
        assert (seen[-1].model, seen[-1].worker, seen[-1].device) == ("night.safetensors", "w", "cpu")


def test_a_checkpoint_that_cannot_be_loaded_is_named_and_jobs_still_run():
    def preload(report):
        raise UserError("night.safetensors is truncated.")

    with Line(lambda run, request: result(), preload) as line:
        assert line.states("ready")[-1].message == "night.safetensors is truncated."
        assert isinstance(line.outcome(), JobDone)


def test_a_job_may_say_that_another_model_was_loaded():
    def work(run, request):
        run.report(WorkerStatus(worker="", state="busy", model="boat.safetensors"))
        return result()

    with Line(work) as line:
        line.states("ready")
        line.run()
        assert line.states("ready")[-1].model == "boat.safetensors"


@pytest.mark.parametrize(
    ("error", "sentence", "is_user_error"),
    [
        (
            UserError("There is no sampler 'Eular'.", hint="Did you mean 'Euler'?"),
            "There is no sampler 'Eular'. Did you mean 'Euler'?",
            True,
        ),
        (ValueError("12 is odd"), "ValueError: 12 is odd", False),
        (KeyError("x"), "KeyError: 'x'", False),
        (SystemExit(3), "SystemExit: 3", False),
        (KeyboardInterrupt(), "KeyboardInterrupt", False),
        (MemoryError(), OUT_OF_MEMORY, False),
        (RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), OUT_OF_MEMORY, False),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"), OUT_OF_MEMORY, False),
        (RuntimeError("shapes differ"), "RuntimeError: shapes differ", False),
        (ValueError("broken \ud800 text"), "broken ? text", False),
    ],
)
def test_a_failed_job_is_told_in_a_sentence_and_the_next_one_runs(error, sentence, is_user_error):
    def work(run, request):
        if request.number == 0:
            run.report(JobImage(job_id=run.job.id, image=picture(0)))
            raise error
        return result()

    with Line(work) as line:
        failed = line.outcome()
        assert sentence in failed.error
        assert failed.user_error is is_user_error
        assert type(error).__name__ in failed.traceback
        assert len(failed.result.images) == 1
        assert isinstance(line.outcome(request={"number": 1}), JobDone)


def test_an_unknown_kind_is_named():
    with Line(lambda run, request: result()) as line:
        assert "paint" in line.outcome(kind="paint").error


def test_a_setting_that_cannot_be_used_fails_the_job_by_name():
    with Line(lambda run, request: result()) as line:
        failed = line.outcome(settings={"quality": "high"})
        assert "quality" in failed.error and failed.user_error


def test_settings_of_an_extension_that_is_missing_here_are_left_out():
    with Line(lambda run, request: JobResult(info=dict(run.settings))) as line:
        assert line.outcome(settings={"gone": 1, "quality": 70}).result.info == {"quality": 70}


def test_a_result_that_cannot_be_sent_is_told_as_a_failure():
    with Line(lambda run, request: JobResult(comments=("\ud800",))) as line:
        assert isinstance(line.outcome(), JobFailed)
        assert isinstance(line.outcome(), JobFailed)


class Steps:
    """A job that goes on until it is stopped; ``caught`` are the stops that it goes on after."""

    def __init__(self, *caught):
        self.caught = caught
        self.seen = []

    def __call__(self, run, request):
        run.report(JobProgress(job_id=run.job.id, fraction=0.0, step=1))
        while not run.control.stop_after_batch:
            try:
                run.control.check()
            except JobStopped as stop:
                self.seen.append(stop.kind)
                run.report(JobImage(job_id=run.job.id, image=picture(len(self.seen))))
                if stop.kind not in self.caught:
                    raise
                run.report(JobProgress(job_id=run.job.id, fraction=0.0, step=len(self.seen) + 1))
            threading.Event().wait(0.001)
        return result(picture(9))


def test_an_interrupted_job_is_done_with_what_it_has():
    with Line(Steps()) as line:
        line.run()
        line.until(JobProgress)
        line.send(ControlJob(job_id="j", action="interrupt"))
        done = line.until(JobDone, JobFailed, JobCancelled)
        assert isinstance(done, JobDone)
        assert (done.result.stopped, len(done.result.images)) == ("interrupt", 1)


def test_a_cancelled_job_says_so_and_the_next_one_runs_unharmed():
    with Line(Steps()) as line:
        line.run()
        line.until(JobProgress)
        line.send(ControlJob(job_id="j", action="cancel"))
        assert isinstance(line.until(JobDone, JobFailed, JobCancelled), JobCancelled)
        line.run("k")
        line.until(JobProgress)
        line.send(ControlJob(job_id="k", action="stop_after_batch"))
        assert line.until(JobDone, JobFailed, JobCancelled).result.images[0].index == 9


def test_every_skip_counts_once():
    steps = Steps("skip")
    with Line(steps) as line:
        line.run()
        line.until(JobProgress)
        for _ in range(2):
            line.send(ControlJob(job_id="j", action="skip"))
            line.until(JobProgress)
        line.send(ControlJob(job_id="j", action="stop_after_batch"))
        assert isinstance(line.until(JobDone), JobDone)
    assert steps.seen == ["skip", "skip"]


def test_a_cancel_is_raised_again_and_again():
    class Stubborn(Steps):
        def __call__(self, run, request):
            run.report(JobProgress(job_id=run.job.id, fraction=0.0, step=1))
            stops = 0
            while stops < 3:
                try:
                    run.control.check()
                except JobStopped:
                    stops += 1
                threading.Event().wait(0.001)
            run.control.check()

    with Line(Stubborn()) as line:
        line.run()
        line.until(JobProgress)
        line.send(ControlJob(job_id="j", action="cancel"))
        assert isinstance(line.until(JobDone, JobFailed, JobCancelled), JobCancelled)


def test_a_wish_that_comes_before_its_job_runs_is_not_lost():
    gate = threading.Event()

    def work(run, request):
        if run.job.id == "first":
            while not run.control.stop_after_batch:  # set by a later line, so the earlier ones were read
                threading.Event().wait(0.001)
            run.report(JobProgress(job_id=run.job.id, fraction=0.0, step=1))
            assert gate.wait(WAIT_S)
        return result()

    with Line(work) as line:
        line.run("first")
        line.run("second")
        line.send(ControlJob(job_id="second", action="cancel"))
        line.raw(b"{this is no command}\n")
        line.send(ControlJob(job_id="first", action="stop_after_batch"))
        line.until(JobProgress)
        gate.set()
        ends = [line.until(JobDone, JobFailed, JobCancelled) for _ in range(2)]
        assert [(end.job_id, end.type) for end in ends] == [("first", "done"), ("second", "cancelled")]


def test_quit_stops_the_running_job_and_ends():
    with Line(Steps()) as line:
        line.run()
        line.until(JobProgress)
        line.send(Quit())
        assert isinstance(line.until(JobDone, JobFailed, JobCancelled), JobCancelled)
        line.worker.join(WAIT_S)
        assert not line.worker.is_alive()
        assert not line.orphaned.is_set()


def test_the_end_of_the_web_process_is_noticed_in_the_middle_of_a_job():
    gate = threading.Event()

    def work(run, request):
        run.report(JobProgress(job_id=run.job.id, fraction=0.0, step=1))
        assert gate.wait(WAIT_S)
        return result()

    with Line(work) as line:
        line.run()
        line.until(JobProgress)
        line.hang_up()
        assert line.orphaned.wait(WAIT_S)
        gate.set()
