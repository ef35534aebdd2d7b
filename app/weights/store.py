"""What was learned of model files, kept in SQLite by path, size and mtime: hashes, identities and facts."""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.values.base import Json
from app.values.model import ModelIdentity

logger = logging.getLogger(__name__)
Column = str | int | None
SCHEMA_VERSION = 1
TABLES = ("hashes", "identities", "facts")
CORRUPT = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
SCHEMA = """
CREATE TABLE hashes (path TEXT PRIMARY KEY, size INTEGER, mtime INTEGER, sha256 TEXT, autov3 TEXT);
CREATE TABLE identities (
    path TEXT PRIMARY KEY, size INTEGER, mtime INTEGER, readers TEXT, identity TEXT, metadata TEXT, problem TEXT);
CREATE TABLE facts (path TEXT, size INTEGER, mtime INTEGER, key TEXT, value TEXT, PRIMARY KEY (path, key));
"""


@dataclass(frozen=True)
class FileKey:
    """Names one state of a file: a changed size or mtime makes it another file."""

    path: str
    size_bytes: int
    mtime_ns: int

    def moved(self, old: str, new: str) -> FileKey:
        """The same state under the new path, where it lay at the old one."""
        return replace(self, path=new) if self.path == old else self


@dataclass(frozen=True)
class KnownIdentity:
    """The outcome of reading a header once; ``is_final``: it would be the same again, so it may be kept on disk."""

    identity: ModelIdentity | None
    metadata: dict[str, str]
    problem: str
    is_final: bool = True


class ModelStore:
    """A small cache on disk; safe to delete at any time, usable from any thread and from several processes.

    Nothing of it is worth an error: a file that cannot be opened gives way to a cache in memory, answers that cannot be read are
    unknown, and what cannot be written is forgotten; the log says so once.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._path = path
        self._has_failed = False
        self._seen_version: int | None = None
        self._db = self._open_some()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def changed_elsewhere(self) -> bool:
        """True when another process (or connection) has written since this was asked last."""
        rows = self._ask("PRAGMA data_version")
        version = int(rows[0][0]) if rows else None
        with self._lock:
            changed = self._seen_version is not None and version != self._seen_version
            self._seen_version = version
        return changed

    def hashes(self) -> dict[FileKey, tuple[str, str | None]]:
        """Every known (sha256, AutoV3)."""
        rows = self._ask("SELECT path, size, mtime, sha256, autov3 FROM hashes")
        return {FileKey(row[0], row[1], row[2]): (row[3], row[4]) for row in rows}

    def hash_of(self, key: FileKey) -> tuple[str, str | None] | None:
        """The (sha256, AutoV3) of one file state."""
        rows = self._ask("SELECT sha256, autov3 FROM hashes WHERE path=? AND size=? AND mtime=?", _columns(key))
        return (rows[0][0], rows[0][1]) if rows else None

    def put_hash(self, key: FileKey, sha256: str, autov3: str | None) -> None:
        """Remember a file's hashes."""
        self._write("INSERT OR REPLACE INTO hashes VALUES (?,?,?,?,?)", [(*_columns(key), sha256, autov3)])

    def identities(self, readers: str) -> dict[FileKey, KnownIdentity]:
        """Everything that the same set of ``readers`` (extensions and versions) concluded before."""
        rows = self._ask("SELECT path, size, mtime, identity, metadata, problem FROM identities WHERE readers=?", (readers,))
        known: dict[FileKey, KnownIdentity] = {}
        parsed: dict[str, ModelIdentity] = {}
        for path, size, mtime, text, metadata, problem in rows:
            if text and text not in parsed:
                parsed[text] = ModelIdentity.model_validate_json(text)
            known[FileKey(path, size, mtime)] = KnownIdentity(parsed[text] if text else None, json.loads(metadata), problem)
        return known

    def put_identities(self, readers: str, known: Iterable[tuple[FileKey, KnownIdentity]]) -> None:
        """Remember conclusions."""
        rows = [
            (
                *_columns(key),
                readers,
                value.identity.model_dump_json() if value.identity else None,
                json.dumps(value.metadata),
                value.problem,
            )
            for key, value in known
        ]
        self._write("INSERT OR REPLACE INTO identities VALUES (?,?,?,?,?,?,?)", rows)

    def fact(self, key: FileKey, name: str) -> Json | None:
        """A remembered fact of a file, None when unknown or when the file changed since."""
        rows = self._ask("SELECT value FROM facts WHERE path=? AND size=? AND mtime=? AND key=?", (*_columns(key), name))
        value: Json | None = json.loads(rows[0][0]) if rows else None
        return value

    def facts(self, name: str) -> dict[FileKey, Json]:
        """A fact of every file that it is known of."""
        rows = self._ask("SELECT path, size, mtime, value FROM facts WHERE key=?", (name,))
        return {FileKey(row[0], row[1], row[2]): json.loads(row[3]) for row in rows}

    def put_fact(self, key: FileKey, name: str, value: Json) -> None:
        """Remember a fact of a file."""
        self._write("INSERT OR REPLACE INTO facts VALUES (?,?,?,?,?)", [(*_columns(key), name, json.dumps(value))])

    def rename(self, old_path: str, new_path: str) -> None:
        """Everything known of the file at one path is true of the file at another from now on."""
        for table in TABLES:
            self._write(f"UPDATE OR REPLACE {table} SET path=? WHERE path=?", [(new_path, old_path)])

    def _ask(self, sql: str, values: tuple[Column, ...] = ()) -> list[Any]:
        try:
            with self._lock:
                return self._db.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            self._warn(error)
            return []

    def _write(self, sql: str, rows: Sequence[tuple[Column, ...]]) -> None:
        try:
            with self._lock:
                self._db.execute("BEGIN IMMEDIATE")
                try:
                    self._db.executemany(sql, rows)
                    self._db.execute("COMMIT")
                except BaseException:
                    if self._db.in_transaction:
                        self._db.execute("ROLLBACK")
                    raise
        except sqlite3.Error as error:
            self._warn(error)

    def _warn(self, error: Exception) -> None:
        if not self._has_failed:
            self._has_failed = True
            logger.warning("The cache of model files %s cannot be used (%s); what is learned now is lost at the end.", self._path, error)

    def _open_some(self) -> sqlite3.Connection:
        """The file; a new one in place of a damaged one; a cache in memory where neither can be had."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            try:
                return _open(str(self._path))
            except sqlite3.DatabaseError as error:
                if getattr(error, "sqlite_errorcode", 0) & 0xFF not in CORRUPT:
                    raise
                logger.warning("The cache of model files %s is damaged (%s); a new one is begun.", self._path, error)
                for suffix in ("", "-wal", "-shm"):
                    self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
                return _open(str(self._path))
        except (sqlite3.Error, OSError) as error:
            self._warn(error)
            return _open(":memory:")


def _open(path: str) -> sqlite3.Connection:
    db = sqlite3.connect(path, check_same_thread=False, timeout=10, isolation_level=None)
    try:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=OFF")
        damage = db.execute("PRAGMA quick_check(1)").fetchone()[0]
        if damage != "ok":
            broken = sqlite3.DatabaseError(damage)
            broken.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise broken
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version != SCHEMA_VERSION:
            drop = "".join(f"DROP TABLE IF EXISTS {table};" for table in TABLES)
            db.executescript(f"BEGIN IMMEDIATE; {drop} {SCHEMA} PRAGMA user_version={SCHEMA_VERSION}; COMMIT;")
    except BaseException:
        db.close()
        raise
    return db


def _columns(key: FileKey) -> tuple[Column, Column, Column]:
    return key.path, key.size_bytes, key.mtime_ns
