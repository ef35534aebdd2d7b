"""What is left after Paintbox ended in the middle of things, and what the next start makes of it."""

from __future__ import annotations

import sqlite3

import pytest

from app.errors import UserError
from app.jobs import database, journal
from app.jobs.database import open_database
from app.jobs.journal import Journal
from app.values.job import JobState
from tests.jobs.fakes import image, picture, step


def test_finished_jobs_and_their_pictures_are_listed(open_queue):
    with open_queue() as bench:
        job = bench.submit(note="kept")
        bench.settle()
        bench.executor.done(job, picture(0), picture(1))
        before = bench.queue.wait(job.id, 10)
    with open_queue() as bench:
        assert bench.queue.list() == [before]
        assert [p.index for p in bench.queue.snapshot(job.id).images] == [0, 1]


def test_the_result_says_which_pictures_are_kept_whatever_was_reported_before(open_queue):
    with open_queue() as bench:
        job = bench.submit()
        bench.settle()
        bench.tell(*[image(job, number) for number in range(3)])
        bench.executor.done(job, picture(7))
        bench.queue.wait(job.id, 10)
    with open_queue() as bench:
        assert [p.index for p in bench.queue.get(job.id).result.images] == [7]


def test_waiting_jobs_run_in_their_order(open_queue):
    with open_queue(slots=0) as bench:
        ids = [bench.submit().id for _ in range(3)]
    with open_queue(slots=3) as bench:
        assert [job.id for job in bench.executor.submitted] == ids


def test_a_job_that_drew_is_marked_interrupted_and_keeps_its_pictures(open_queue):
    with open_queue() as bench:
        job = bench.submit()
        bench.settle()
        bench.tell(step(job, 1), image(job, 0))
    with open_queue() as bench:
        left = bench.queue.get(job.id)
        assert (left.state, left.error) == (JobState.INTERRUPTED, "Paintbox ended while this job ran.")
        assert len(left.result.images) == 1 and left.finished is not None
        assert bench.executor.submitted == []


def test_a_job_that_had_not_drawn_is_queued_again_once(open_queue):
    with open_queue() as bench:
        job = bench.submit()
        bench.settle()
        bench.tell(step(job, 0))
    with open_queue() as bench:
        assert [sent.id for sent in bench.executor.submitted] == [job.id]
    with open_queue() as bench:
        assert bench.queue.get(job.id).state is JobState.INTERRUPTED


def test_a_job_queued_again_comes_before_those_submitted_later(open_queue):
    with open_queue() as bench:
        first, second = bench.submit(), bench.submit()
        bench.settle()
    with open_queue() as bench:
        assert bench.executor.submitted[0].id == first.id
        assert bench.queue.snapshot(second.id).position == 0


def test_a_waiting_job_whose_kind_is_gone_fails_by_name(open_queue, monkeypatch):
    with open_queue(slots=0) as bench:
        job = bench.submit()
    monkeypatch.setattr("tests.jobs.fakes.Kinds.get", lambda self, name: {}[name])
    with open_queue() as bench:
        assert "count" in bench.queue.wait(job.id, 10).error


def test_drafts_come_back_by_owner(open_queue):
    with open_queue() as bench:
        bench.queue.drafts.set("anna", "txt2img", {"prompt": "moon"})
        bench.queue.drafts.set("anna", "txt2img", {"prompt": "moon, stars", "steps": 20})
        bench.queue.drafts.set("ben", "txt2img", {"prompt": "boat"})
    with open_queue() as bench:
        assert bench.queue.drafts.get("anna", "txt2img") == {"prompt": "moon, stars", "steps": 20}
        assert bench.queue.drafts.get("anna", "img2img") is None


def test_a_huge_draft_is_refused(bench):
    with pytest.raises(UserError, match="too large"):
        bench.queue.drafts.set("anna", "txt2img", {"prompt": "x" * 5_000_000})


@pytest.mark.parametrize("damage", ["text", "middle"])
def test_a_corrupt_journal_is_set_aside_and_a_new_one_begun(open_queue, tmp_path, damage):
    path = tmp_path / "paintbox.sqlite3"
    with open_queue(slots=0) as bench:
        for _ in range(40):
            bench.submit(note="x" * 2000)
    content = path.read_bytes()
    broken = b"no database" * 500 if damage == "text" else content[:8192] + b"\xa5" * 20000 + content[28192:]
    path.write_bytes(broken)
    with open_queue() as bench:
        assert bench.queue.list() == []
        aside = [file for file in tmp_path.iterdir() if ".broken-" in file.name and not file.name.endswith(("-wal", "-shm"))]
        assert [file.read_bytes() for file in aside] == [broken]
        assert aside[0].name in bench.queue.notice
        assert bench.submit().id == bench.queue.list()[0].id


def test_a_sound_journal_needs_no_notice(bench):
    assert bench.queue.notice == ""


def test_a_journal_of_a_newer_version_is_refused_and_left_alone(open_queue, tmp_path):
    with open_queue(slots=0) as bench:
        bench.submit()
    path = tmp_path / "paintbox.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(UserError, match="newer Paintbox"):
        open_database(path)
    assert path.exists()


def test_an_older_journal_is_brought_up_to_date(open_queue, tmp_path, monkeypatch):
    with open_queue(slots=0) as bench:
        job = bench.submit()
    monkeypatch.setattr(database, "MIGRATIONS", (*database.MIGRATIONS, "ALTER TABLE jobs ADD COLUMN colour INTEGER DEFAULT 5"))
    with open_queue(slots=0) as bench:
        assert bench.queue.list()[0].id == job.id
    connection = sqlite3.connect(tmp_path / "paintbox.sqlite3")
    assert connection.execute("SELECT colour FROM jobs").fetchone() == (5,)
    connection.close()


def test_a_failed_migration_changes_nothing(open_queue, tmp_path, monkeypatch):
    with open_queue(slots=0) as bench:
        job = bench.submit()
    with monkeypatch.context() as patch:
        patch.setattr(database, "MIGRATIONS", (*database.MIGRATIONS, "CREATE TABLE more (x); SELECT * FROM nowhere"))
        with pytest.raises(UserError, match="nowhere"):
            open_database(tmp_path / "paintbox.sqlite3")
    with open_queue(slots=0) as bench:
        assert bench.queue.list()[0].id == job.id


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    with pytest.raises(UserError, match="taken"):
        open_database(tmp_path / "taken" / "paintbox.sqlite3")


def test_old_jobs_are_forgotten_beyond_a_number(open_queue, monkeypatch):
    with open_queue() as bench:
        jobs = _run(bench, 5)
    monkeypatch.setattr(journal, "KEPT_JOBS", 2)
    with open_queue() as bench:
        assert [job.id for job in bench.queue.list()] == [job.id for job in reversed(jobs[-2:])]


def test_old_jobs_are_forgotten_beyond_a_size_but_the_last_is_kept(open_queue, monkeypatch):
    with open_queue() as bench:
        jobs = _run(bench, 3, note="x" * 1000)
    monkeypatch.setattr(journal, "KEPT_REQUEST_BYTES", 500)
    with open_queue() as bench:
        assert [job.id for job in bench.queue.list()] == [jobs[-1].id]


def test_jobs_that_have_not_ended_are_never_forgotten(open_queue, monkeypatch):
    monkeypatch.setattr(journal, "KEPT_JOBS", 0)
    with open_queue(slots=0) as bench:
        job = bench.submit()
        Journal(bench.queue._book._journal._database).prune()
        assert bench.queue.list()[0].id == job.id


def _run(bench, count, **request):
    jobs = []
    for _ in range(count):
        jobs.append(bench.submit(**request))
        bench.settle()
        bench.executor.done(jobs[-1], picture(0))
        bench.settle()
    return jobs
