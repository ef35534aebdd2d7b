"""Jobs that are stopped while the worker runs them: interrupted, skipped, cancelled, or left by the web process."""

from __future__ import annotations

import threading

from app.errors import JobStopped
from app.jobs.wire import ControlJob, Quit
from app.values.events import JobCancelled, JobDone, JobFailed, JobImage, JobProgress
from tests.jobs.fakes import picture
from tests.jobs.worker_line import WAIT_S, Line, result


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
