"""Remembers jobs and their pictures across restarts, in SQLite."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from app.jobs.database import Database
from app.values.job import Job, JobResult, JobState, SavedImage

KEPT_JOBS = 5000
KEPT_REQUEST_BYTES = 256 * 1024 * 1024
ENDED_MID_JOB = "Paintbox ended while this job ran."
LATEST_ATTEMPT = 2
"""A job that had not begun to draw is tried once more, not for ever."""


@dataclass(frozen=True)
class Entry:
    """How a job enters the queue beside what it does.

    ``key``: a name under which its owner asks for it once, "" for none, and the ``fingerprint`` of what was asked; ``callback_url``: who
    is told when it has ended, "" for nobody, with what is signed by ``callback_secret``.
    """

    priority: int = 0
    key: str = ""
    fingerprint: str = ""
    callback_url: str = ""
    callback_secret: str = ""


PLAIN_ENTRY = Entry()


@dataclass(frozen=True)
class JobFilter:
    """Which jobs to list: of one owner, in these states, older than the job ``before``, from one source; None means any."""

    owner: str | None = None
    states: Collection[JobState] | None = None
    before: str | None = None
    source: str | None = None


class Journal:
    """The jobs on disk. Every method raises sqlite3.Error when the disk refuses; the caller decides what that means."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- writing ---

    def add(self, job: Job, entry: Entry = PLAIN_ENTRY) -> int:
        """Write a new job; returns its place, behind all others."""
        with self._database.transaction() as db:
            db.execute(
                "INSERT INTO jobs (id, kind, owner, source, state, request, settings, created, attempts, error, result, priority, asked_as,"
                " fingerprint) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    job.id, job.kind, job.owner, job.source, job.state.value, json.dumps(job.request), json.dumps(job.settings),
                    job.created, job.attempts, job.error, _result_text(job.result), job.priority, entry.key or None, entry.fingerprint,
                ),
            )  # fmt: skip
            number = _number(db, job.id)
            db.execute("UPDATE jobs SET place=number WHERE number=?", (number,))
            if entry.callback_url:
                values = (number, entry.callback_url, entry.callback_secret)
                db.execute("INSERT INTO callbacks (job, url, secret) VALUES (?, ?, ?)", values)
            return number

    def update(self, job: Job) -> None:
        """Write state, times, error and result of a known job; an ended job's pictures are those of its result."""
        with self._database.transaction() as db:
            db.execute(
                "UPDATE jobs SET state=?, started=?, finished=?, attempts=?, error=?, user_error=?, result=? WHERE id=?",
                (
                    job.state.value, job.started, job.finished, job.attempts, job.error, job.user_error,
                    _result_text(job.result), job.id,
                ),
            )  # fmt: skip
            if job.state.ended:
                number = _number(db, job.id)
                db.execute("DELETE FROM images WHERE job=?", (number,))
                for place, image in enumerate(job.result.images):
                    _insert_image(db, number, place, image)

    def add_image(self, job_id: str, place: int, image: SavedImage) -> None:
        """Write a picture of a running job as soon as it exists."""
        with self._database.transaction() as db:
            _insert_image(db, _number(db, job_id), place, image)

    def arrange(self, job_id: str, priority: int, place: int) -> None:
        """Write where a waiting job stands."""
        with self._database.transaction() as db:
            db.execute("UPDATE jobs SET priority=?, place=? WHERE id=?", (priority, place, job_id))

    def mark_drawing(self, job_id: str) -> None:
        """Write that the job has begun to draw, so that it is not silently tried again."""
        with self._database.transaction() as db:
            db.execute("UPDATE jobs SET drawing=1 WHERE id=?", (job_id,))

    def prune(self) -> None:
        """Forget the oldest ended jobs beyond a number of jobs and a size of requests; their files stay where they are."""
        with self._database.transaction() as db:
            db.execute(
                "DELETE FROM jobs WHERE number IN (SELECT number FROM (SELECT number, ROW_NUMBER() OVER newest AS place,"
                " SUM(LENGTH(request)) OVER newest AS bytes FROM jobs WHERE state NOT IN ('queued', 'running')"
                " WINDOW newest AS (ORDER BY number DESC)) WHERE place > ? OR (bytes > ? AND place > 1))",
                (KEPT_JOBS, KEPT_REQUEST_BYTES),
            )

    def recover(self, now: float) -> list[tuple[Job, int]]:
        """After a start: settle what was running when the last process ended; returns the jobs to run, in order, with their places.

        A job that had not begun to draw is queued again, once; any other becomes INTERRUPTED and keeps its pictures.
        """
        with self._database.transaction() as db:
            db.execute("UPDATE jobs SET state='queued', started=NULL WHERE state='running' AND drawing=0 AND attempts<?", (LATEST_ATTEMPT,))
            db.execute(
                "UPDATE jobs SET state='interrupted', finished=?, error=? WHERE state='running'",
                (now, ENDED_MID_JOB),
            )
            rows = db.execute("SELECT * FROM jobs WHERE state='queued' ORDER BY place").fetchall()
            return [(_job(row, ()), row["place"]) for row in rows]

    # --- reading ---

    def get(self, job_id: str) -> Job | None:
        """The job with its pictures."""
        with self._database.reading() as db:
            row = db.execute("SELECT * FROM jobs WHERE id=?", (job_id,)).fetchone()
            return _job(row, _images(db, row["number"])) if row is not None else None

    def named(self, owner: str, key: str) -> tuple[str, str] | None:
        """Id and fingerprint of the job that its owner asked for under this key."""
        with self._database.reading() as db:
            row = db.execute("SELECT id, fingerprint FROM jobs WHERE owner=? AND asked_as=?", (owner, key)).fetchone()
            return (row["id"], row["fingerprint"]) if row is not None else None

    def list(self, wanted: JobFilter, limit: int) -> list[Job]:
        """The newest jobs first, with their pictures."""
        clauses: list[str] = ["1"]
        values: list[str | int] = []
        if wanted.owner is not None:
            clauses.append("owner=?")
            values.append(wanted.owner)
        if wanted.source is not None:
            clauses.append("source=?")
            values.append(wanted.source)
        if wanted.states is not None:
            clauses.append(f"state IN ({', '.join('?' * len(wanted.states))})")
            values.extend(state.value for state in wanted.states)
        if wanted.before is not None:
            clauses.append("number < (SELECT number FROM jobs WHERE id=?)")
            values.append(wanted.before)
        rest = f"FROM jobs WHERE {' AND '.join(clauses)} ORDER BY number DESC LIMIT ?"
        values.append(max(0, limit))
        images: defaultdict[int, list[SavedImage]] = defaultdict(list)
        with self._database.reading() as db:
            rows = db.execute(f"SELECT * {rest}", values).fetchall()
            for found in db.execute(f"SELECT job, image FROM images WHERE job IN (SELECT number {rest}) ORDER BY job, place", values):
                images[found["job"]].append(SavedImage.model_validate_json(found["image"]))
        return [_job(row, images[row["number"]]) for row in rows]


def _number(db: sqlite3.Connection, job_id: str) -> int:
    row = db.execute("SELECT number FROM jobs WHERE id=?", (job_id,)).fetchone()
    if row is None:
        raise sqlite3.IntegrityError(f"the job {job_id} is not in the journal")
    return int(row["number"])


def _insert_image(db: sqlite3.Connection, number: int, place: int, image: SavedImage) -> None:
    db.execute("INSERT OR REPLACE INTO images VALUES (?, ?, ?, ?)", (number, place, image.path, image.model_dump_json()))


def _images(db: sqlite3.Connection, number: int) -> tuple[SavedImage, ...]:
    rows = db.execute("SELECT image FROM images WHERE job=? ORDER BY place", (number,)).fetchall()
    return tuple(SavedImage.model_validate_json(row["image"]) for row in rows)


def _result_text(result: JobResult) -> str:
    return result.model_dump_json(exclude={"images"})


def _job(row: sqlite3.Row, images: Iterable[SavedImage]) -> Job:
    result = JobResult.model_validate_json(row["result"]).model_copy(update={"images": tuple(images)})
    plain = ("id", "kind", "owner", "source", "state", "created", "started", "finished", "attempts", "error", "user_error", "priority")
    fields = {name: row[name] for name in plain}
    return Job(**fields, request=json.loads(row["request"]), settings=json.loads(row["settings"]), result=result)
