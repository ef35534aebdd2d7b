"""One change at a time: also between the page and a command beside it, and no setting is lost that is changed meanwhile."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from app.errors import UserError
from app.installing import changing, restoring
from app.installing.restoring import restore
from app.settings_file import change_settings_file, read_settings_file, write_settings_file
from app.testing.installing import manifest_text, write_archive

ROOT = Path(__file__).parents[2]
BESIDE = """
import sys
from pathlib import Path
from app.paths import Paths
from app.installing.store import ExtensionStore
data = Path(sys.argv[1])
store = ExtensionStore(Paths(root=data, data=data, models=data, config_file=data / "config.json"), user="the command `x`")
with store.one_change():
    print("changing", flush=True)
    sys.stdin.readline()
"""
ADDING = """
import sys
from pathlib import Path
from app.settings_file import change_settings_file
for number in range(60):
    change_settings_file(Path(sys.argv[1]), lambda now: {**now.values, f"{sys.argv[2]}{number}": number}, set_aside=False)
"""


@pytest.fixture
def beside(paths):
    """A command that is in the middle of a change."""
    command = [sys.executable, "-c", BESIDE, str(paths.data)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout.readline().strip() == b"changing"
        yield process
        process.kill()


def test_a_command_in_a_shell_holds_the_page_off_and_is_named(store, beside, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(changing, "WAIT_S", 0.1)
    archive = write_archive(tmp_path / "mine.zip", {"pyproject.toml": manifest_text("mine"), "__init__.py": ""})
    for change in (lambda: store.plan_archive(archive, "mine.zip"), lambda: store.take_snapshot("x"), lambda: store.switch({})):
        with pytest.raises(UserError, match=f"the command `x`, process {beside.pid}") as raised:
            change()
        assert raised.value.status == 409


def test_a_short_change_is_waited_for_and_a_dead_one_is_none(store, beside) -> None:
    threading.Timer(0.3, beside.kill).start()
    assert store.take_snapshot("x").name == "x"


def test_settings_of_two_processes_are_all_kept(tmp_path) -> None:
    file = tmp_path / "config.json"
    commands = [[sys.executable, "-c", ADDING, str(file), name] for name in "ab"]
    running = [subprocess.Popen(command, cwd=ROOT) for command in commands]
    assert [each.wait(60) for each in running] == [0, 0]
    assert len(json.loads(file.read_text())) == 120


def test_a_setting_that_is_changed_while_a_restore_takes_its_snapshot_is_kept(store, paths, monkeypatch) -> None:
    write_settings_file(paths.config_file, {"jpeg_quality": 50})
    snapshot = store.take_snapshot("then")
    taking = store.snapshots.take

    def take(*given, **more):
        taken = taking(*given, **more)
        change_settings_file(paths.config_file, lambda now: {**now.values, "civitai_token": "new"}, set_aside=False)
        return taken

    monkeypatch.setattr(store.snapshots, "take", take)
    candidates, late_ones = store.candidates, []

    def late(*given):
        late_ones.append(f"late{len(late_ones)}")
        change_settings_file(paths.config_file, lambda now: {**now.values, late_ones[-1]: 1}, set_aside=False)
        return candidates(*given)

    monkeypatch.setattr(store, "candidates", late)
    write_settings_file(paths.config_file, {"disabled_extensions": ["other"]})
    restore(store, snapshot.file, "extensions")
    assert read_settings_file(paths.config_file, set_aside=False).values == {
        "disabled_extensions": ["other"],
        "civitai_token": "new",
        **dict.fromkeys(late_ones, 1),
    }
    assert len(late_ones) > 1
    restored = restoring.restore(store, snapshot.file, "webui")
    assert restored.done == (f"Settings changed: jpeg_quality, {', '.join(sorted(late_ones))}.",)
    kept = read_settings_file(paths.config_file, set_aside=False).values
    assert (kept["jpeg_quality"], kept["civitai_token"], kept["disabled_extensions"]) == (50, "new", ["other"])


def test_a_file_that_cannot_be_read_is_put_aside_and_not_written_over(store, paths) -> None:
    paths.config_file.write_text("{")
    snapshot = store.take_snapshot("then")
    write_settings_file(paths.config_file, {"a": 1})
    paths.config_file.write_text("{ broken")
    restore(store, snapshot.file, "webui")
    assert [each.read_text() for each in paths.data.glob("config.corrupt-*")] == ["{ broken"]
