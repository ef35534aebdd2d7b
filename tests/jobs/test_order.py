"""The order of waiting jobs: by priority and position among one's own, kept over a restart; and jobs that are asked for once."""

from __future__ import annotations

import pytest

from app.errors import UserError
from app.jobs.journal import Entry


def submit(bench, note, owner="anna", **entry):
    return bench.queue.submit("count", {"note": note}, owner=owner, source="test", settings={}, entry=Entry(**entry))


def waiting(bench, owner=None):
    jobs = [job for job in bench.queue.list(owner=owner) if job.state == "queued"]
    places = {job.request["note"]: bench.queue.snapshot(job.id).position for job in jobs}
    return sorted(places, key=places.__getitem__)


def test_the_higher_priority_goes_first_and_equal_ones_keep_their_order(open_queue):
    with open_queue(slots=0) as bench:
        for note, priority in (("a", 0), ("b", 5), ("c", 0), ("d", 5), ("e", -1)):
            submit(bench, note, priority=priority)
        assert waiting(bench) == ["b", "d", "a", "c", "e"]


def test_nobody_gets_before_the_jobs_of_others(open_queue):
    with open_queue(slots=0) as bench:
        submit(bench, "anna 1")
        submit(bench, "bert 1", owner="bert")
        submit(bench, "anna 2", priority=9)
        bert = submit(bench, "bert 2", owner="bert", priority=100)
        assert waiting(bench) == ["anna 2", "bert 2", "anna 1", "bert 1"]
        bench.queue.arrange(bert.id, position=1)
        assert waiting(bench) == ["anna 2", "bert 1", "anna 1", "bert 2"]


@pytest.mark.parametrize(("position", "expected"), [(0, "cab"), (1, "acb"), (2, "abc"), (99, "abc")])
def test_a_job_is_moved_to_a_position(open_queue, position, expected):
    with open_queue(slots=0) as bench:
        jobs = {note: submit(bench, note) for note in "abc"}
        bench.queue.arrange(jobs["c"].id, position=position)
        assert "".join(waiting(bench)) == expected


def test_a_job_that_is_moved_past_another_priority_takes_it_over(open_queue):
    with open_queue(slots=0) as bench:
        submit(bench, "a", priority=7)
        last = submit(bench, "b", priority=1)
        assert bench.queue.arrange(last.id, position=0).priority == 7
        assert waiting(bench) == ["b", "a"]


def test_the_order_outlives_a_restart(open_queue):
    with open_queue(slots=0) as bench:
        jobs = {note: submit(bench, note) for note in "abc"}
        bench.queue.arrange(jobs["b"].id, priority=3)
        bench.queue.arrange(jobs["a"].id, position=2)
    with open_queue(slots=0) as bench:
        assert waiting(bench) == ["b", "c", "a"]
        assert bench.queue.get(jobs["b"].id).priority == 3
        submit(bench, "d")
        assert waiting(bench) == ["b", "c", "a", "d"]


def test_only_waiting_jobs_can_be_moved(bench):
    running = bench.submit()
    bench.settle()
    with pytest.raises(UserError, match="running") as caught:
        bench.queue.arrange(running.id, position=0)
    assert caught.value.status == 409


def test_waiting_jobs_hear_of_their_new_positions(open_queue):
    with open_queue(slots=0) as bench:
        jobs = {note: submit(bench, note) for note in "abc"}
        bench.queue.arrange(jobs["c"].id, position=0)
        assert [bench.queue.snapshot(jobs[note].id).position for note in "abc"] == [1, 2, 0]


def test_the_same_key_is_the_same_job_also_after_a_restart(open_queue):
    with open_queue(slots=0) as bench:
        first = submit(bench, "a", key="k", fingerprint="x")
        assert submit(bench, "a", key="k", fingerprint="x").id == first.id
        assert submit(bench, "a", owner="bert", key="k", fingerprint="y").id != first.id
        assert submit(bench, "a").id != submit(bench, "a").id
    with open_queue(slots=0) as bench:
        assert submit(bench, "a", key="k", fingerprint="x").id == first.id
        with pytest.raises(UserError, match="another request"):
            submit(bench, "b", key="k", fingerprint="z")
