"""Model files get their hashes once the worker is ready, new ones as they are noticed, and what a worker hashed is not hashed again."""

from __future__ import annotations

import struct
import threading
import time

import pytest

from app.hashing_service import hash_when_ready
from app.values.events import WorkerStatus
from app.values.model import ModelFolder
from app.weights.folders import FolderPlaces
from app.weights.index import ModelIndex
from app.weights.store import ModelStore

WAIT_S = 30


class Jobs:
    """What the service needs of the queue."""

    def __init__(self) -> None:
        self.callbacks = []

    def subscribe(self, callback):
        self.callbacks.append(callback)
        return lambda: self.callbacks.remove(callback)

    def say(self, state) -> None:
        for callback in self.callbacks:
            callback(WorkerStatus(worker="w", state=state))


def _write(folder, name) -> None:
    header = b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(struct.pack("<Q", len(header)) + header + name.encode()[:4])


@pytest.fixture
def index(tmp_path):
    folder = FolderPlaces(ModelFolder("checkpoint", "Checkpoint", "models", (".safetensors",)), (tmp_path / "models",))
    index = ModelIndex({"checkpoint": folder}, lambda header: None, ModelStore(tmp_path / "cache.sqlite3"), "test")
    yield index
    index.close()


def _until(condition) -> bool:
    ends = time.monotonic() + WAIT_S
    tick = threading.Event()
    while not condition():
        if time.monotonic() > ends:
            return False
        tick.wait(0.02)
    return True


def test_hashing_begins_with_a_ready_worker_and_goes_on_with_new_files(index, tmp_path) -> None:
    jobs = Jobs()
    _write(tmp_path / "models", "old.safetensors")
    with hash_when_ready(index, jobs):
        jobs.say("loading")
        assert "model-hashes" not in {thread.name for thread in threading.enumerate()}
        jobs.say("ready")
        jobs.say("ready")
        assert _until(lambda: not index.unhashed("checkpoint"))
        _write(tmp_path / "models", "new.safetensors")
        index.refresh()
        assert _until(
            lambda: [record.name for record in index.records("checkpoint") if record.sha256] == ["new.safetensors", "old.safetensors"]
        )
    assert jobs.callbacks == []
    assert "model-hashes" not in {thread.name for thread in threading.enumerate()}


def test_a_file_that_a_worker_has_hashed_is_not_read_again(index, tmp_path) -> None:
    _write(tmp_path / "models", "old.safetensors")
    in_worker = ModelIndex(index.folders, lambda header: None, ModelStore(tmp_path / "cache.sqlite3"), "test")
    in_worker.put_hash(in_worker.records("checkpoint")[0], "ab" * 32, None)
    in_worker.close()
    jobs = Jobs()
    with hash_when_ready(index, jobs):
        jobs.say("ready")
        assert _until(lambda: not index.unhashed("checkpoint"))
    assert index.records("checkpoint")[0].sha256 == "ab" * 32
