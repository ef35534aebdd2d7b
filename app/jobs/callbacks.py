"""Who is to be told when a job has ended: kept on disk beside the jobs until it is told, or given up."""

from __future__ import annotations

from dataclasses import dataclass

from app.jobs.database import Database
from app.values.base import Value
from app.values.job import JobState

ENDED = tuple(state.value for state in JobState if state.ended)


class CallbackState(Value):
    """``state``: waiting, delivered or failed; ``error``: why the last of the ``attempts`` failed."""

    url: str
    state: str
    attempts: int
    error: str


@dataclass(frozen=True)
class DueCallback:
    """A callback whose job has ended."""

    job_id: str
    url: str
    secret: str
    attempts: int


class Callbacks:
    """Usable from any thread; every method raises sqlite3.Error when the disk refuses."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, job_id: str) -> CallbackState | None:
        """What became of the job's callback; None where nobody is to be told."""
        question = "SELECT url, c.state, c.attempts, c.error FROM callbacks c JOIN jobs ON jobs.number=c.job WHERE jobs.id=?"
        with self._database.reading() as db:
            row = db.execute(question, (job_id,)).fetchone()
        return CallbackState(**dict(row)) if row is not None else None

    def due(self, now: float, limit: int) -> list[DueCallback]:
        """Those that should be told now, the longest due first."""
        question = (
            "SELECT jobs.id AS job_id, url, secret, c.attempts FROM callbacks c JOIN jobs ON jobs.number=c.job"
            f" WHERE c.state='waiting' AND c.due<=? AND jobs.state IN ({', '.join('?' * len(ENDED))}) ORDER BY c.due LIMIT ?"
        )
        with self._database.reading() as db:
            rows = db.execute(question, (now, *ENDED, limit)).fetchall()
        return [DueCallback(**dict(row)) for row in rows]

    def next_due(self) -> float | None:
        """When the next one is to be told that has been tried already."""
        with self._database.reading() as db:
            row = db.execute("SELECT MIN(due) FROM callbacks WHERE state='waiting' AND attempts>0").fetchone()
        return row[0] if row is not None else None

    def note(self, job_id: str, state: str, error: str, due: float) -> None:
        """Write what came of an attempt."""
        with self._database.transaction() as db:
            db.execute(
                "UPDATE callbacks SET state=?, error=?, due=?, attempts=attempts+1 WHERE job=(SELECT number FROM jobs WHERE id=?)",
                (state, error, due, job_id),
            )
