"""The queue as its users see it: jobs run in order, can be stopped, and tell what becomes of them."""

from __future__ import annotations

import sqlite3
import threading

import pytest

from app.errors import NotFoundError, UserError
from app.jobs import book, queue
from app.values.events import JobCancelled, JobDone, JobFailed, JobStarted, WorkerStatus
from app.values.job import JobResult, JobState
from tests.jobs.fakes import image, picture, preview, step


def test_jobs_run_one_after_another_in_the_order_of_their_submission(bench):
    first, second, third = bench.submit(note="1"), bench.submit(note="2"), bench.submit(note="3")
    bench.settle()
    assert [job.id for job in bench.executor.submitted] == [first.id]
    assert bench.queue.get(first.id).state is JobState.RUNNING
    assert [bench.queue.snapshot(job.id).position for job in (first, second, third)] == [None, 0, 1]
    bench.executor.done(first)
    bench.settle()
    bench.executor.done(second)
    bench.settle()
    assert [job.request["note"] for job in bench.executor.submitted] == ["1", "2", "3"]
    assert bench.queue.get(second.id).state is JobState.DONE


def test_a_job_waits_until_the_executor_has_room(open_queue):
    with open_queue(slots=0) as bench:
        job = bench.submit()
        bench.settle()
        assert bench.executor.submitted == []
        bench.executor.ready()
        bench.settle()
        assert [sent.id for sent in bench.executor.submitted] == [job.id]


def test_the_request_is_completed_with_the_kinds_defaults(bench):
    assert bench.submit(note="x").request == {"steps": 20, "note": "x"}


def test_a_wrong_field_is_named(bench):
    with pytest.raises(UserError, match="steps.*less than or equal to 100") as caught:
        bench.submit(steps=1000)
    assert caught.value.field == "steps"


def test_an_unknown_field_is_named(bench):
    with pytest.raises(UserError) as caught:
        bench.submit(stepps=3)
    assert caught.value.field == "stepps"


def test_an_unknown_kind_is_refused(bench):
    with pytest.raises(NotFoundError, match="paint"):
        bench.queue.submit("paint", {}, owner="", settings={})


def test_text_that_cannot_be_written_is_refused(bench):
    with pytest.raises(UserError, match="no valid text"):
        bench.submit(note="\ud800")
    assert bench.queue.list() == []


def test_too_many_waiting_jobs_are_refused(open_queue, monkeypatch):
    monkeypatch.setattr(queue, "MOST_WAITING", 2)
    with open_queue(slots=0) as bench:
        bench.submit()
        bench.submit()
        with pytest.raises(UserError) as caught:
            bench.submit()
        assert caught.value.status == 503


def test_a_running_job_shows_progress_preview_and_pictures_so_far(bench):
    job = bench.submit()
    bench.settle()
    bench.tell(JobStarted(job_id=job.id), step(job, 5), preview(job, "BBBB"), image(job, 0))
    snapshot = bench.queue.snapshot(job.id)
    assert (snapshot.progress.step, snapshot.preview.data, [p.index for p in snapshot.images]) == (5, "BBBB", [0])
    assert [p.index for p in bench.queue.get(job.id).result.images] == [0]


def test_the_time_left_follows_from_the_pace(open_queue):
    now = [100.0]
    with open_queue(clock=lambda: now[0]) as bench:
        job = bench.submit()
        bench.settle()
        bench.tell(step(job, 1))
        assert bench.queue.snapshot(job.id).progress.eta_s is None
        now[0] = 108.0
        bench.tell(step(job, 5))
        assert bench.queue.snapshot(job.id).progress.eta_s == pytest.approx(10.0)


def test_the_result_is_kept_with_its_pictures(bench):
    job = bench.submit()
    bench.settle()
    bench.tell(image(job, 0))
    result = JobResult(images=(picture(0), picture(1)), comments=("a hint",), info={"seed": 7})
    bench.executor.end(JobDone(job_id=job.id, result=result))
    assert bench.queue.wait(job.id, 10).result == result


def test_a_failed_job_says_why_and_keeps_its_pictures(bench):
    job = bench.submit()
    bench.settle()
    bench.tell(image(job, 0))
    bench.executor.end(JobFailed(job_id=job.id, error="No such sampler.", user_error=True))
    ended = bench.queue.wait(job.id, 10)
    assert (ended.state, ended.error, ended.user_error) == (JobState.FAILED, "No such sampler.", True)
    assert len(ended.result.images) == 1


@pytest.mark.parametrize("action", ["cancel", "interrupt"])
def test_a_waiting_job_is_cancelled_at_once(bench, action):
    running, waiting = bench.submit(), bench.submit()
    bench.settle()
    assert bench.queue.control(waiting.id, action).state is JobState.CANCELLED
    bench.executor.done(running)
    bench.settle()
    assert [job.id for job in bench.executor.submitted] == [running.id]
    assert JobCancelled(job_id=waiting.id) in bench.told


@pytest.mark.parametrize("action", ["skip", "stop_after_batch"])
def test_a_skip_means_nothing_to_a_waiting_job(bench, action):
    bench.submit()
    waiting = bench.submit()
    assert bench.queue.control(waiting.id, action).state is JobState.QUEUED


def test_a_wish_for_a_running_job_goes_to_the_executor(bench):
    job = bench.submit()
    bench.settle()
    bench.queue.control(job.id, "skip")
    bench.queue.control(job.id, "cancel")
    bench.queue.control(job.id, "interrupt")
    assert bench.executor.controls == [(job.id, "skip"), (job.id, "cancel"), (job.id, "interrupt")]
    assert bench.queue.snapshot(job.id).stopping == "cancel"


def test_a_snapshot_tells_the_strongest_wish(bench):
    job = bench.submit()
    bench.settle()
    told = []
    for wish in ("skip", "stop_after_batch", "skip", "interrupt", "stop_after_batch"):
        bench.queue.control(job.id, wish)
        told.append(bench.queue.snapshot(job.id).stopping)
    assert told == ["skip", "stop_after_batch", "stop_after_batch", "interrupt", "interrupt"]


@pytest.mark.parametrize("next_batch", [lambda job: step(job, 0), lambda job: image(job, 0)])
def test_a_skip_ends_with_its_batch(bench, next_batch):
    job = bench.submit()
    bench.settle()
    bench.tell(step(job, 5))
    bench.queue.control(job.id, "skip")
    bench.tell(step(job, 6))
    assert bench.queue.snapshot(job.id).stopping == "skip"
    bench.tell(next_batch(job))
    assert bench.queue.snapshot(job.id).stopping == ""


def test_a_wish_for_an_ended_job_changes_nothing(bench):
    job = bench.submit()
    bench.settle()
    bench.executor.done(job)
    bench.queue.wait(job.id, 10)
    assert bench.queue.control(job.id, "cancel").state is JobState.DONE
    assert bench.executor.controls == []


def test_an_unknown_job_is_named(bench):
    for ask in (bench.queue.get, bench.queue.wait, lambda name: bench.queue.control(name, "cancel")):
        with pytest.raises(NotFoundError, match="j-404"):
            ask("j-404")


def test_everybody_who_waits_is_woken_by_the_end(bench):
    job = bench.submit()
    states = []
    waiting = [threading.Thread(target=lambda: states.append(bench.queue.wait(job.id, 30).state)) for _ in range(3)]
    for thread in waiting:
        thread.start()
    bench.settle()
    bench.executor.done(job)
    for thread in waiting:
        thread.join(10)
    assert states == [JobState.DONE] * 3


def test_waiting_ends_after_the_given_time(bench):
    assert not bench.queue.wait(bench.submit().id, 0.01).state.ended


def test_closing_lets_everybody_go_and_ends_the_executor(open_queue):
    with open_queue() as bench:
        job = bench.submit()
        states = []
        waiting = threading.Thread(target=lambda: states.append(bench.queue.wait(job.id, 30).state))
        waiting.start()
        bench.settle()
        bench.queue.close()
        waiting.join(10)
        assert states == [JobState.RUNNING]
        assert bench.executor.closed
        with pytest.raises(UserError, match="ending"):
            bench.submit()


def test_a_listener_that_fails_stops_nobody(bench):
    def fail(event):
        raise RuntimeError("boom")

    bench.queue.subscribe(fail)
    job = bench.submit()
    bench.settle()
    bench.executor.done(job)
    assert bench.queue.wait(job.id, 10).state is JobState.DONE


def test_an_executor_that_refuses_a_job_fails_it_and_goes_on(bench, monkeypatch):
    def refuse(job):
        raise RuntimeError("no cable")

    monkeypatch.setattr(bench.executor, "submit", refuse)
    job = bench.submit()
    assert "no cable" in bench.queue.wait(job.id, 10).error
    monkeypatch.undo()
    second = bench.submit()
    bench.settle()
    assert bench.executor.submitted == [bench.queue.get(second.id)]


def test_the_newest_word_of_the_worker_is_kept(bench):
    bench.tell(WorkerStatus(worker="fake", state="loading", message="Reading (10%)"))
    assert bench.queue.worker_status().message == "Reading (10%)"


def test_a_list_shows_the_newest_first_and_pages(bench):
    jobs = [bench.submit(owner="anna" if n % 2 else "ben") for n in range(5)]
    bench.settle()
    ids = [job.id for job in reversed(jobs)]
    assert [job.id for job in bench.queue.list()] == ids
    assert [job.id for job in bench.queue.list(limit=2, before=ids[1])] == ids[2:4]
    assert {job.owner for job in bench.queue.list(owner="anna")} == {"anna"}
    assert [job.id for job in bench.queue.list(states=[JobState.RUNNING])] == [jobs[0].id]


def test_a_full_disk_refuses_new_jobs_but_not_running_ones(bench, monkeypatch):
    job = bench.submit()
    bench.settle()

    def full(*arguments):
        raise sqlite3.OperationalError("database or disk is full")

    for name in ("add", "update", "add_image", "mark_drawing"):
        monkeypatch.setattr(book.Journal, name, full)
    with pytest.raises(UserError, match="disk is full") as caught:
        bench.submit()
    assert caught.value.status == 507
    bench.tell(step(job, 1), image(job, 0))
    bench.executor.done(job, picture(0))
    assert bench.queue.wait(job.id, 10).state is JobState.DONE


def test_only_a_few_ended_jobs_stay_in_memory(bench, monkeypatch):
    monkeypatch.setattr(book, "REMEMBERED", 2)
    jobs = []
    for _ in range(4):
        jobs.append(bench.submit())
        bench.settle()
        bench.executor.done(jobs[-1])
        bench.settle()
    assert len(bench.queue._book._ended) == 2
    assert [bench.queue.get(job.id).state for job in jobs] == [JobState.DONE] * 4
