"""An extension that ends the whole program while it is loaded is known afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.extension_report import ExtensionReport
from app.file_locks import FileLock
from app.import_notes import ImportNotes
from app.installing.store import ExtensionStore
from app.loader import ONLY_EXTENSIONS
from app.paths import CHECKOUT
from app.testing.hosts import forgetting_extensions, temporary_host

ENDS = """
import os

if "PAINTBOX_TEST_ENDS" in os.environ:
    os._exit(7)
"""
WAITS = """
import time

print("loading", flush=True)
time.sleep(600)
"""
START = """
import sys
from pathlib import Path
from app.testing.hosts import temporary_host

temporary_host(Path(sys.argv[1]), ("mine",), environment={name: value for name, value in [each.split("=") for each in sys.argv[2:]]})
"""


def start(data: Path, *variables: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", START, str(data), *variables]
    return subprocess.Popen(
        command, cwd=CHECKOUT, env={**os.environ, "OMP_NUM_THREADS": "1", "PAINTBOX_TEST_ENDS": "1"}, stdout=subprocess.PIPE, text=True
    )


def report(data: Path) -> ExtensionReport:
    with forgetting_extensions():
        return temporary_host(data, ("mine",)).extensions.get("mine")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_it_is_put_out_of_use_until_it_is_enabled_anew_or_changed(data: Path, write_extension: Callable[..., Path]) -> None:
    folder = write_extension("mine", ENDS)
    assert start(data).wait() == 7
    for _ in range(2):
        told = report(data)
        assert (told.state, told.error.partition(" To")[0]) == ("quarantined", "The program ended while it was loaded.")
    ExtensionStore(temporary_host(data, ()).paths).switch({"mine": True})
    assert report(data).state == "active"
    assert start(data).wait() == 7
    assert report(data).state == "quarantined"
    (folder / "other.py").write_text("", encoding="utf-8")
    assert report(data).state == "active"
    assert list((data / "tmp" / "importing").iterdir()) == []


def test_a_program_that_was_asked_to_end_blames_nobody(data: Path, write_extension: Callable[..., Path]) -> None:
    write_extension("mine", WAITS)
    with start(data) as process:
        assert process.stdout is not None and process.stdout.readline() == "loading\n"
        assert len(list((data / "tmp" / "importing").iterdir())) == 1
        ImportNotes(data / "tmp" / "importing").check("mine", "")
        process.send_signal(signal.SIGTERM)
    assert process.returncode == -signal.SIGTERM
    assert list((data / "tmp" / "importing").iterdir()) == []


def test_whoever_looks_for_the_culprit_himself_starts_it_again_and_again(data: Path, write_extension: Callable[..., Path]) -> None:
    write_extension("mine", ENDS)
    assert [start(data, f"{ONLY_EXTENSIONS}=mine").wait() for _ in range(2)] == [7, 7]
    assert not (data / "tmp" / "importing").exists()


def test_where_no_note_can_be_kept_it_is_loaded_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with ImportNotes(tmp_path / "file").importing("mine", "1"):
        pass
    lock = FileLock(tmp_path / "notes" / "1.json")
    lock.acquire({"extension": "mine", "state": "1"})
    ImportNotes(tmp_path / "notes").check("mine", "1")
