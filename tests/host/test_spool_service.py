"""Pictures that nobody saves do not stay for ever, and none of a job that is still drawn is deleted."""

from __future__ import annotations

import os
from contextlib import closing

import pytest

from app import spool_service
from app.errors import NotFoundError
from app.jobs.database import open_database
from app.jobs.journal import Journal
from app.spool_service import LONGEST_AGE_S, sweep
from app.testing.hosts import temporary_host
from app.values.job import Job, JobState

NOW = 1_700_000_000.0


class Jobs:
    """Jobs by id."""

    def __init__(self, **states) -> None:
        self.states = states

    def get(self, job_id):
        if job_id not in self.states:
            raise NotFoundError("no such job")
        return Job(id=job_id, kind="generate", owner="", created=0.0, state=self.states[job_id])


@pytest.fixture
def put(tmp_path):
    def write(name, age_s=0.0, size=10):
        path = tmp_path / "spool" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(size))
        os.utime(path, (NOW - age_s, NOW - age_s))
        return path

    return write


def left(tmp_path):
    return sorted(path.relative_to(tmp_path / "spool").as_posix() for path in (tmp_path / "spool").rglob("*"))


def test_old_pictures_and_those_of_forgotten_jobs_go(tmp_path, put) -> None:
    put("done/new.png")
    put("done/old.png", LONGEST_AGE_S + 1)
    put("failed/old.png", LONGEST_AGE_S + 1)
    put("forgotten/new.png")
    sweep(tmp_path / "spool", Jobs(done=JobState.DONE, failed=JobState.FAILED), NOW)
    assert left(tmp_path) == ["done", "done/new.png"]


def test_beyond_the_room_the_oldest_go(tmp_path, put, monkeypatch) -> None:
    monkeypatch.setattr(spool_service, "LARGEST_BYTES", 25)
    put("first/a.png", 300)
    put("second/a.png", 200)
    put("second/b.png", 100)
    sweep(tmp_path / "spool", Jobs(first=JobState.CANCELLED, second=JobState.DONE), NOW)
    assert left(tmp_path) == ["second", "second/a.png", "second/b.png"]


@pytest.mark.parametrize("state", [JobState.RUNNING, JobState.QUEUED])
def test_pictures_of_a_live_job_stay(tmp_path, put, monkeypatch, state) -> None:
    monkeypatch.setattr(spool_service, "LARGEST_BYTES", 1)
    put("live/a.png", 10 * LONGEST_AGE_S)
    sweep(tmp_path / "spool", Jobs(live=state), NOW)
    assert left(tmp_path) == ["live", "live/a.png"]


def test_a_link_out_of_the_spool_is_not_followed(tmp_path, put) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "picture.png").write_bytes(b"x")
    put("done/a.png")
    try:
        (tmp_path / "spool" / "forgotten").symlink_to(outside, target_is_directory=True)
    except OSError:
        pytest.skip("this system makes no links")
    sweep(tmp_path / "spool", Jobs(done=JobState.DONE), NOW)
    assert (outside / "picture.png").is_file()


def test_without_a_spool_nothing_happens(tmp_path) -> None:
    sweep(tmp_path / "spool", Jobs(), NOW)


def test_a_start_empties_what_earlier_runs_left(tmp_path) -> None:
    host = temporary_host(tmp_path, [])
    with closing(open_database(host.paths.database)) as database:
        Journal(database).add(Job(id="known", kind="generate", owner="", created=0.0, state=JobState.DONE))
    for job in ("known", "forgotten"):
        (host.paths.spool / job).mkdir(parents=True)
        (host.paths.spool / job / "00000.png").write_bytes(b"x")
    with host.running():
        pass
    assert [folder.name for folder in host.paths.spool.iterdir()] == ["known"]


def test_it_empties_the_spare_folders_of_a_full_disk_too(tmp_path, monkeypatch) -> None:
    (tmp_path / "spare").mkdir()
    (tmp_path / "data").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "spare"))
    host = temporary_host(tmp_path / "data", [])
    spare = next(folder for folder in host.paths.spools if folder.is_relative_to(tmp_path / "spare"))
    (spare / "forgotten").mkdir(parents=True)
    (spare / "forgotten" / "00000.png").write_bytes(b"x")
    with host.running():
        pass
    assert list(spare.iterdir()) == []
