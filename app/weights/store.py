"""What was learned of model files, kept in SQLite by path, size and mtime: hashes, identities and facts."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from app.values.base import Json
from app.values.model import ModelIdentity

SCHEMA_VERSION = 1
SCHEMA = """
CREATE TABLE IF NOT EXISTS hashes (path TEXT PRIMARY KEY, size INTEGER, mtime INTEGER, sha256 TEXT, autov3 TEXT);
CREATE TABLE IF NOT EXISTS identities (
    path TEXT PRIMARY KEY, size INTEGER, mtime INTEGER, readers TEXT, identity TEXT, metadata TEXT, problem TEXT);
CREATE TABLE IF NOT EXISTS facts (path TEXT, size INTEGER, mtime INTEGER, key TEXT, value TEXT, PRIMARY KEY (path, key));
"""


@dataclass(frozen=True)
class FileKey:
    """Names one state of a file: a changed size or mtime makes it another file."""

    path: str
    size_bytes: int
    mtime_ns: int


@dataclass(frozen=True)
class KnownIdentity:
    """The outcome of reading a header once."""

    identity: ModelIdentity | None
    metadata: dict[str, str]
    problem: str


class ModelStore:
    """A small cache on disk; safe to delete at any time, usable from any thread and from several processes."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._db = self._open(path)
        except sqlite3.DatabaseError:
            path.unlink(missing_ok=True)  # only a cache: begin a new one
            self._db = self._open(path)

    @staticmethod
    def _open(path: Path) -> sqlite3.Connection:
        db = sqlite3.connect(path, check_same_thread=False, timeout=10, isolation_level=None)
        try:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=OFF")
            if db.execute("PRAGMA user_version").fetchone()[0] not in (0, SCHEMA_VERSION):
                raise sqlite3.DatabaseError("another schema")
            db.executescript(SCHEMA)
            db.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
        except sqlite3.DatabaseError:
            db.close()
            raise
        return db

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def hashes(self) -> dict[FileKey, tuple[str, str | None]]:
        """Every known (sha256, AutoV3)."""
        with self._lock:
            rows = self._db.execute("SELECT path, size, mtime, sha256, autov3 FROM hashes").fetchall()
        return {FileKey(row[0], row[1], row[2]): (row[3], row[4]) for row in rows}

    def hash_of(self, key: FileKey) -> tuple[str, str | None] | None:
        """The (sha256, AutoV3) of one file state."""
        sql = "SELECT sha256, autov3 FROM hashes WHERE path=? AND size=? AND mtime=?"
        with self._lock:
            row = self._db.execute(sql, (key.path, key.size_bytes, key.mtime_ns)).fetchone()
        return (row[0], row[1]) if row else None

    def put_hash(self, key: FileKey, sha256: str, autov3: str | None) -> None:
        """Remember a file's hashes."""
        row = (key.path, key.size_bytes, key.mtime_ns, sha256, autov3)
        with self._lock:
            self._db.execute("INSERT OR REPLACE INTO hashes VALUES (?,?,?,?,?)", row)

    def identities(self, readers: str) -> dict[FileKey, KnownIdentity]:
        """Everything that the same set of ``readers`` (extensions and versions) concluded before."""
        sql = "SELECT path, size, mtime, identity, metadata, problem FROM identities WHERE readers=?"
        with self._lock:
            rows = self._db.execute(sql, (readers,)).fetchall()
        known: dict[FileKey, KnownIdentity] = {}
        for path, size, mtime, identity, metadata, problem in rows:
            parsed = ModelIdentity.model_validate_json(identity) if identity else None
            known[FileKey(path, size, mtime)] = KnownIdentity(parsed, json.loads(metadata), problem)
        return known

    def put_identities(self, readers: str, known: Iterable[tuple[FileKey, KnownIdentity]]) -> None:
        """Remember conclusions."""
        rows = [
            (
                key.path,
                key.size_bytes,
                key.mtime_ns,
                readers,
                value.identity.model_dump_json() if value.identity else None,
                json.dumps(value.metadata),
                value.problem,
            )
            for key, value in known
        ]
        with self._lock:
            self._db.execute("BEGIN")
            self._db.executemany("INSERT OR REPLACE INTO identities VALUES (?,?,?,?,?,?,?)", rows)
            self._db.execute("COMMIT")

    def fact(self, key: FileKey, name: str) -> Json | None:
        """A remembered fact of a file, None when unknown or when the file changed since."""
        sql = "SELECT value FROM facts WHERE path=? AND size=? AND mtime=? AND key=?"
        with self._lock:
            row = self._db.execute(sql, (key.path, key.size_bytes, key.mtime_ns, name)).fetchone()
        value: Json | None = json.loads(row[0]) if row else None
        return value

    def put_fact(self, key: FileKey, name: str, value: Json) -> None:
        """Remember a fact of a file."""
        row = (key.path, key.size_bytes, key.mtime_ns, name, json.dumps(value))
        with self._lock:
            self._db.execute("INSERT OR REPLACE INTO facts VALUES (?,?,?,?,?)", row)
