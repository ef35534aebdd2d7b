"""One data folder, one Paintbox: the second is refused by name, and a dead one does not stand in the way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.errors import UserError
from app.jobs.lock import FolderLock

HOLDER = """
import sys
from pathlib import Path
from app.jobs.lock import FolderLock
lock = FolderLock(Path(sys.argv[1]))
lock.acquire(7861)
print("locked", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock."""
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "paintbox.lock")]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root) as process:
        assert process.stdout.readline().strip() == b"locked"
        yield process
        process.kill()


def test_the_second_is_refused_with_process_and_port_of_the_first(holder, tmp_path):
    with pytest.raises(UserError) as caught:
        FolderLock(tmp_path / "paintbox.lock").acquire(7862)
    assert f"process {holder.pid}, port 7861" in str(caught.value)
    assert str(tmp_path) in str(caught.value)


def test_a_killed_holder_frees_the_folder(holder, tmp_path):
    holder.kill()
    holder.wait(10)
    lock = FolderLock(tmp_path / "paintbox.lock")
    lock.acquire()
    assert str(os.getpid()) in (tmp_path / "paintbox.lock").read_text(encoding="utf-8")
    lock.release()


def test_a_released_folder_can_be_taken_again(tmp_path):
    for port in (None, 7860):
        lock = FolderLock(tmp_path / "new" / "paintbox.lock")
        lock.acquire(port)
        lock.release()
        lock.release()


def test_a_lock_without_readable_text_still_refuses(holder, tmp_path):
    (tmp_path / "paintbox.lock").write_text("???", encoding="utf-8")
    with pytest.raises(UserError, match="Another Paintbox already uses"):
        FolderLock(tmp_path / "paintbox.lock").acquire()


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    with pytest.raises(UserError, match="taken"):
        FolderLock(tmp_path / "taken" / "paintbox.lock").acquire()
