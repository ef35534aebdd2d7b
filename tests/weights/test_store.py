"""The cache of what is known of model files: shared by processes, and never a reason to fail."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.values.model import ModelIdentity
from app.weights.store import SCHEMA_VERSION, FileKey, KnownIdentity, ModelStore

KEY = FileKey("/m/a.safetensors", 10, 20)
KNOWN = KnownIdentity(ModelIdentity(kind="checkpoint", family="f"), {"a": "b"}, "")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "models.sqlite3"


def filled(path: Path) -> ModelStore:
    store = ModelStore(path)
    store.put_hash(KEY, "ab" * 32, None)
    store.put_identities("r", [(KEY, KNOWN)])
    store.put_fact(KEY, "name", [1])
    return store


def known(store: ModelStore) -> tuple[object, object, object]:
    return store.hash_of(KEY), store.identities("r").get(KEY), store.fact(KEY, "name")


def test_what_was_learned_is_there_after_a_restart(path: Path) -> None:
    filled(path).close()
    with closing(ModelStore(path)) as store:
        assert known(store) == (("ab" * 32, None), KNOWN, [1])


def test_a_file_that_another_process_holds_is_left_alone(path: Path, caplog: pytest.LogCaptureFixture, monkeypatch) -> None:
    filled(path).close()
    real = sqlite3.connect

    def connect(database: str, **options: object) -> sqlite3.Connection:
        return real(database, **{**options, "timeout": 0})

    with closing(real(path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode=DELETE")
        other.execute("BEGIN EXCLUSIVE")
        monkeypatch.setattr(sqlite3, "connect", connect)
        with closing(ModelStore(path)) as store:
            assert known(store) == (None, None, None)
            store.put_hash(KEY, "cd" * 32, None)
            assert store.hash_of(KEY) == ("cd" * 32, None)
    assert "locked" in caplog.text
    with closing(ModelStore(path)) as store:
        assert known(store) == (("ab" * 32, None), KNOWN, [1])


def test_a_file_that_cannot_be_opened_gives_way_to_memory(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path.mkdir(parents=True)
    with closing(filled(path)) as store:
        assert known(store) == (("ab" * 32, None), KNOWN, [1])
    assert path.is_dir() and str(path) in caplog.text


def test_another_schema_is_emptied_in_place(path: Path) -> None:
    filled(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version={SCHEMA_VERSION + 1}")
        db.execute("ALTER TABLE hashes DROP COLUMN autov3")
    before = path.stat().st_ino
    with closing(filled(path)) as store:
        assert known(store) == (("ab" * 32, None), KNOWN, [1])
    assert path.stat().st_ino == before


def test_a_damaged_file_is_begun_anew_with_its_log(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database at all, " * 100)
    path.with_name(path.name + "-wal").write_bytes(b"rest of an old log")
    with closing(filled(path)) as store:
        assert known(store) == (("ab" * 32, None), KNOWN, [1])


def test_a_write_that_fails_is_told_once_and_forgotten(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with closing(filled(path)) as store, closing(sqlite3.connect(path)) as other:
        other.executescript("DROP TABLE hashes; DROP TABLE identities;")
        with caplog.at_level(logging.WARNING):
            store.put_hash(KEY, "ef" * 32, None)
            store.put_identities("r", [(KEY, KNOWN)])
            assert (store.hash_of(KEY), store.hashes()) == (None, {})
            store.put_fact(KEY, "name", "still written")
        assert len(caplog.records) == 1
        assert store.fact(KEY, "name") == "still written"


def test_writes_of_another_process_are_noticed(path: Path) -> None:
    with closing(ModelStore(path)) as mine, closing(ModelStore(path)) as other:
        mine.changed_elsewhere()
        mine.put_hash(KEY, "ab" * 32, None)
        assert not mine.changed_elsewhere()
        other.put_hash(KEY, "cd" * 32, None)
        assert mine.changed_elsewhere() and not mine.changed_elsewhere()
