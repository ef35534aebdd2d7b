"""Opens the SQLite file of the jobs: brings its schema up to date, and sets a corrupt one aside."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.errors import UserError

logger = logging.getLogger(__name__)

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE jobs (
        number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, owner TEXT NOT NULL,
        source TEXT NOT NULL, state TEXT NOT NULL, request TEXT NOT NULL, settings TEXT NOT NULL, created REAL NOT NULL,
        started REAL, finished REAL, attempts INTEGER NOT NULL, error TEXT NOT NULL,
        user_error INTEGER NOT NULL DEFAULT 0, result TEXT NOT NULL, drawing INTEGER NOT NULL DEFAULT 0);
    CREATE INDEX jobs_by_state ON jobs (state, number);
    CREATE INDEX jobs_by_owner ON jobs (owner, number);
    CREATE TABLE images (
        job INTEGER NOT NULL REFERENCES jobs (number) ON DELETE CASCADE, place INTEGER NOT NULL, path TEXT NOT NULL,
        image TEXT NOT NULL, PRIMARY KEY (job, place)) WITHOUT ROWID;
    CREATE TABLE drafts (
        owner TEXT NOT NULL, form TEXT NOT NULL, content TEXT NOT NULL, changed REAL NOT NULL, PRIMARY KEY (owner, form)
        ) WITHOUT ROWID;
    CREATE TABLE facts (topic TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    """,
    """
    ALTER TABLE jobs ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE jobs ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE jobs ADD COLUMN asked_as TEXT;
    ALTER TABLE jobs ADD COLUMN fingerprint TEXT NOT NULL DEFAULT '';
    UPDATE jobs SET place=number;
    CREATE UNIQUE INDEX jobs_by_asked_as ON jobs (owner, asked_as);
    CREATE TABLE callbacks (
        job INTEGER PRIMARY KEY REFERENCES jobs (number) ON DELETE CASCADE, url TEXT NOT NULL, secret TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'waiting', attempts INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL DEFAULT 0,
        error TEXT NOT NULL DEFAULT '');
    """,
)
"""Migration n brings a file of schema n to n + 1; entries are only ever appended."""

CORRUPT = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


class Database:
    """One connection for all threads: whoever uses it holds its lock.

    ``notice`` is a sentence for the user when the file that was there could not be read and a new one was begun.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path, notice: str = "") -> None:
        self.path = path
        self.notice = notice
        self._connection = connection
        self._lock = threading.RLock()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing: commits at the end, undoes everything on an error."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection for questions only."""
        with self._lock:
            yield self._connection

    def close(self) -> None:
        """Close the file; its write-ahead log is merged into it."""
        with self._lock:
            self._connection.close()


def open_database(path: Path) -> Database:
    """Open or create the file; a corrupt one is renamed and a new one begun. Raises UserError that names the file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return Database(_connect(path), path)
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF not in CORRUPT:
            raise _unusable(path, error) from error
        aside = _set_aside(path)
        notice = f"The journal of jobs could not be read ({error}). It is kept as {aside.name}, and a new one was begun."
        logger.warning("%s", notice)
        return Database(_connect(path), path, notice)
    except OSError as error:
        raise _unusable(path, error) from error


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False, timeout=10, isolation_level=None)
    connection.row_factory = sqlite3.Row
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA foreign_keys=ON")
        damage = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if damage != "ok":
            broken = sqlite3.DatabaseError(damage)
            broken.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise broken
        _migrate(connection, path)
    except (sqlite3.Error, UserError):
        connection.close()
        raise
    return connection


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > len(MIGRATIONS):
        raise UserError(
            f"{path} was written by a newer Paintbox (schema {version}, this one knows {len(MIGRATIONS)}).",
            hint="Update Paintbox, or move the file away to begin a new journal of jobs.",
        )
    for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
        connection.executescript(f"BEGIN IMMEDIATE; {script}; PRAGMA user_version={number}; COMMIT;")


def _set_aside(path: Path) -> Path:
    """Rename the file and its companions; the stamp keeps earlier ones."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    aside = path.with_name(f"{path.name}.broken-{stamp}")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.broken-{stamp}-{number}")
    for suffix in ("", "-wal", "-shm"):
        companion = path.with_name(path.name + suffix)
        if companion.exists():
            companion.replace(aside.with_name(aside.name + suffix))
    return aside


def _unusable(path: Path, error: Exception) -> UserError:
    return UserError(
        f"The journal of jobs {path} cannot be used: {error}.",
        hint="Check that the folder may be written to and that the disk is not full.",
        status=507,
    )
