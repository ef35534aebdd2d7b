"""Jobs whose worker is lost, and words about them that come too late."""

from __future__ import annotations

import pytest

from app.values.events import JobFailed
from app.values.job import JobState
from tests.jobs.fakes import image, preview, step


def test_a_job_lost_before_it_drew_is_tried_once_more_before_others(bench):
    job, other = bench.submit(), bench.submit()
    bench.settle()
    bench.executor.lost(job)
    bench.settle()
    assert [sent.id for sent in bench.executor.submitted] == [job.id, job.id]
    bench.executor.lost(job, "killed again")
    ended = bench.queue.wait(job.id, 10)
    assert (ended.state, ended.error, ended.attempts) == (JobState.FAILED, "killed again", 2)
    bench.settle()
    assert bench.executor.submitted[-1].id == other.id


@pytest.mark.parametrize("seen", [step, image])
def test_a_job_lost_while_it_drew_fails_with_the_reason(bench, seen):
    job = bench.submit()
    bench.settle()
    bench.tell(seen(job, 1))
    bench.executor.lost(job)
    ended = bench.queue.wait(job.id, 10)
    assert (ended.state, ended.error) == (JobState.FAILED, "The worker process was killed.")


def test_a_job_lost_after_its_cancel_counts_as_cancelled(bench):
    job = bench.submit()
    bench.settle()
    bench.queue.control(job.id, "cancel")
    bench.executor.lost(job)
    assert bench.queue.wait(job.id, 10).state is JobState.CANCELLED


def test_late_words_about_an_ended_job_change_nothing(bench):
    job = bench.submit()
    bench.settle()
    bench.executor.done(job)
    bench.tell(step(job, 3), JobFailed(job_id=job.id, error="late"))
    assert bench.queue.get(job.id).state is JobState.DONE


def test_late_words_of_a_lost_attempt_do_not_count_for_the_next_one(bench):
    job = bench.submit()
    bench.settle()
    bench.tell(step(job, 0), preview(job))
    bench.executor.slots -= 1
    bench.executor.lost(job)
    bench.tell(step(job, 3))
    waiting = bench.queue.snapshot(job.id)
    assert (waiting.job.state, waiting.progress, waiting.preview) == (JobState.QUEUED, None, None)
    bench.executor.ready()
    bench.settle()
    assert bench.queue.get(job.id).state is JobState.RUNNING
