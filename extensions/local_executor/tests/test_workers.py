"""Real worker processes: jobs run, stop and fail in them, and whatever kills a worker, the next job draws."""

from __future__ import annotations

import os
import signal

import psutil
import pytest

from app.api import JobState
from extensions.local_executor.launch import worker_environment

ENDLESS = 10_000_000
pytestmark = pytest.mark.e2e


def test_jobs_run_in_one_worker_process_of_their_own(bench):
    first, second = bench.submit(steps=3), bench.submit(steps=3)
    facts = [bench.ended(job).result.info for job in (first, second)]
    assert facts[0]["pid"] == facts[1]["pid"] == bench.executor.pid
    assert facts[0]["pid"] != os.getpid()
    assert facts[0]["heavy"] == []
    given = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    assert worker_environment(given).items() <= facts[0]["environment"].items()
    assert "TRANSFORMERS_OFFLINE" in facts[0]["environment"]
    assert bench.queue.snapshot(first.id).progress.step == 3


def test_a_failing_job_says_why_and_the_worker_stays(bench):
    failed = [bench.run(act=act) for act in ("raise", "sys.exit")]
    assert [job.state for job in failed] == [JobState.FAILED] * 2
    assert "ValueError: 12 is odd" in failed[0].error
    assert "SystemExit: 3" in failed[1].error
    pid = bench.executor.pid
    assert bench.run().result.info["pid"] == pid


def test_what_a_job_prints_and_reads_does_not_disturb_the_line(bench):
    assert bench.run(act="print").state is JobState.DONE
    assert bench.run(act="read").state is JobState.DONE


def test_a_running_job_can_be_skipped_interrupted_and_cancelled(bench):
    job = bench.submit(steps=ENDLESS)
    bench.drawing(job)
    bench.queue.control(job.id, "skip")
    bench.until(lambda event: event.type == "image" and event.job_id == job.id, "the skipped picture")
    bench.queue.control(job.id, "interrupt")
    ended = bench.ended(job)
    assert (ended.state, ended.result.stopped, len(ended.result.images)) == (JobState.DONE, "interrupt", 2)
    second = bench.submit(steps=ENDLESS)
    bench.drawing(second)
    bench.queue.control(second.id, "cancel")
    assert bench.ended(second).state is JobState.CANCELLED
    assert bench.run().state is JobState.DONE


def test_a_worker_killed_in_mid_job_fails_it_with_the_reason_and_the_next_job_draws(bench):
    job, waiting = bench.submit(steps=ENDLESS), bench.submit(steps=3)
    bench.drawing(job)
    killed = bench.executor.pid
    os.kill(killed, signal.SIGKILL)
    ended = bench.ended(job)
    assert ended.state is JobState.FAILED
    assert "killed (signal 9: out of memory?)" in ended.error
    after = bench.ended(waiting)
    assert after.state is JobState.DONE and after.result.info["pid"] != killed
    stopped = bench.until(lambda event: event.type == "worker" and event.state == "stopped", "the worker's end")
    assert "signal 9" in stopped.message


def test_a_worker_that_dies_before_the_first_step_gets_its_job_again(bench, tmp_path):
    ended = bench.run(act="kill", once=str(tmp_path / "died"))
    assert (ended.state, ended.attempts) == (JobState.DONE, 2)


def test_a_job_that_kills_every_worker_is_given_up_with_the_last_words_of_the_worker(bench):
    ended = bench.run(act="exit")
    assert (ended.state, ended.attempts) == (JobState.FAILED, 2)
    assert "exit code 7: RuntimeError: the driver is gone" in ended.error
    assert bench.run().state is JobState.DONE


def test_an_idle_worker_that_dies_is_replaced(bench):
    bench.run()
    os.kill(bench.executor.pid, signal.SIGTERM)
    assert bench.run().state is JobState.DONE


def test_a_worker_that_does_not_answer_a_cancel_is_ended_and_the_next_job_draws(bench):
    bench.host.settings.set({"worker_kill_after_s": 1.0})
    job = bench.submit(act="hang")
    bench.drawing(job)
    hanging = bench.executor.pid
    bench.queue.control(job.id, "cancel")
    assert bench.ended(job).state is JobState.CANCELLED
    stopped = bench.until(lambda event: event.type == "worker" and event.state == "stopped", "the worker's end")
    assert "did not answer a cancel within 1 s" in stopped.message
    assert bench.run().state is JobState.DONE
    assert not psutil.pid_exists(hanging)


@pytest.mark.parametrize("task", [{"steps": 1}, {"steps": ENDLESS}, {"act": "hang"}])
def test_closing_leaves_no_process_behind(open_bench, task):
    with open_bench() as bench:
        job = bench.submit(**task)
        bench.drawing(job)
        worker = psutil.Process(bench.executor.pid)
    assert not worker.is_running()
    assert worker.pid not in [child.pid for child in psutil.Process().children()]


def test_a_job_cut_off_by_closing_is_marked_and_one_that_waited_runs(open_bench):
    with open_bench() as bench:
        drawn, waiting = bench.submit(steps=ENDLESS), bench.submit(steps=3)
        bench.drawing(drawn)
    with open_bench() as bench:
        assert bench.queue.get(drawn.id).state is JobState.INTERRUPTED
        assert bench.ended(waiting).state is JobState.DONE


def test_a_worker_is_started_anew_when_its_job_has_ended(bench):
    pid = bench.executor.pid
    job = bench.submit(steps=ENDLESS)
    bench.drawing(job)
    assert bench.queue.renew_workers()
    assert bench.executor.pid == pid, "the running job keeps its worker"
    bench.queue.control(job.id, "interrupt")
    assert bench.ended(job).state is JobState.DONE
    after = bench.run().result.info["pid"]
    assert after != pid and not psutil.pid_exists(pid)
    assert bench.queue.renew_workers()
    assert bench.run().result.info["pid"] not in (pid, after)
