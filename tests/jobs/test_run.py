"""Warnings of a running job reach its result, once each."""

from __future__ import annotations

import time

from app.jobs.run import WorkerRun
from app.values.job import Job, JobResult


def make_run() -> WorkerRun:
    job = Job(id="j", kind="x", owner="", created=time.time())
    return WorkerRun(job, None, {}, None, None, "cpu", lambda event: None)


def test_warnings_are_added_to_a_finished_result_and_to_what_exists_of_another():
    run = make_run()
    for text in ("one", "two", "one"):
        run.comment(text)
    assert run.with_comments(JobResult(comments=("two", "three"))).comments == ("two", "three", "one")
    assert run.result_so_far("skip").comments == ("one", "two")


def test_without_warnings_the_result_is_as_it_was():
    result = JobResult(comments=("a",))
    assert make_run().with_comments(result) is result
