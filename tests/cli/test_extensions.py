"""``extensions`` on the command line: list, info, enable, disable, new, check, bisect."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys

import pytest

from app.__main__ import main
from app.cli.bisect import find_culprit
from app.cli.extension_changes import CHANGES, change_extensions
from app.cli.extensions import ACTIONS
from app.cli.new_extension import new_extension
from app.errors import UserError
from app.paths import CHECKOUT
from app.testing.hosts import forgetting_extensions
from app.testing.installing import manifest_text, write_archive, write_files

ENVIRONMENT = {"PAINTBOX_ONLY_EXTENSIONS": "samplers,mine,broken,late"}


@pytest.fixture
def run(tmp_path, write_extension, capsys):
    write_extension("mine", '"""Nothing."""')
    write_extension("broken", "raise RuntimeError('no luck today')")

    def command(*words: str):
        with forgetting_extensions():
            code = main(["extensions", *words, "--data-dir", str(tmp_path / "data")], ENVIRONMENT)
        return code, capsys.readouterr().out

    return command


def test_bisect_tries_the_command_where_the_user_is(run, tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(ENVIRONMENT, "PAINTBOX_CALLED_FROM", str(tmp_path))
    command = "import os; open('here', 'a').close()"
    assert run("bisect", "--data-dir", str(tmp_path / "data"), "--", sys.executable, "-c", command)[0] == 1
    assert (tmp_path / "here").exists()


def test_list_shows_state_origin_and_reason(run) -> None:
    code, out = run("list")
    lines = {line.split()[0]: line.split() for line in out.splitlines() if line and not line.startswith(" ")}
    assert code == 1
    assert lines["mine"][2:4] == ["user", "active"]
    assert lines["samplers"][3] == "active"
    assert lines["broken"][3] == "quarantined"
    assert "RuntimeError: no luck today" in out


def test_one_for_a1111_is_told_of_in_the_list_and_alone(run, tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(ENVIRONMENT, "PAINTBOX_ONLY_EXTENSIONS", "foreign,extension_manager")
    folder = tmp_path / "data" / "extensions" / "foreign"
    write_files(folder, {"scripts/x.py": "import modules.shared", "javascript/x.js": "onUiLoaded(() => {});"})
    for words in (("list",), ("info", "foreign")):
        out = run(*words)[1]
        assert "Its Python code is not run here." in out and "waits for your permission" in out
        assert "modules.shared" in out and "callbacks" not in out


def test_info_shows_the_traceback(run) -> None:
    code, out = run("info", "broken")
    assert code == 0
    assert "Traceback" in out
    assert "raise RuntimeError('no luck today')" in out


@pytest.mark.parametrize("words", [("--help",), ("restore", "--help"), ("info", "-h"), ("install", "x", "--yes", "--help")])
def test_help_is_about_extensions_and_does_nothing(run, words) -> None:
    code, out = run(*words)
    assert code == 0
    assert "extensions restore SNAPSHOT" in out and "--listen" not in out


def test_the_page_of_the_command_line_names_every_action() -> None:
    page = (CHECKOUT / "docs" / "command-line.md").read_text(encoding="utf-8")
    elsewhere = ("list", "disable", "snapshots")
    assert all(f"\nextensions {action} " in page for action in [*ACTIONS, *CHANGES, "bisect"] if action not in elsewhere)
    assert "disable ID" in page and "extensions snapshots" in page and "webui.py texts" in page


LATE = """
from contextlib import contextmanager
from app.api import Tab, hookimpl

@hookimpl
def %s(host):
    %s
"""


@pytest.mark.parametrize(
    ("hook", "body", "state", "words"),
    [
        ("lifespan", "raise RuntimeError('no luck')", "quarantined", "RuntimeError: no luck"),
        ("register_tabs", "raise RuntimeError('no luck')", "failed in part", "register_tabs: RuntimeError: no luck"),
        ("register_panels", "raise RuntimeError('no luck')", "failed in part", "register_panels: RuntimeError: no luck"),
        ("register_routes", "return [3]", "failed in part", "register_routes"),
        ("register_tabs", "return [Tab(id='t', title='T', order=1, build=lambda page: 1 / 0)]", "active", "tab t: ZeroDivisionError"),
    ],
)
def test_what_fails_only_when_the_page_is_put_together_is_shown(run, write_extension, hook, body, state, words) -> None:
    write_extension("late", LATE % (hook, body))
    listed = run("list")[1]
    assert re.search(rf"^late .* user +{state} ", listed, re.MULTILINE)
    assert words in listed and "Traceback" in listed
    told = run("info", "late")[1]
    assert words in told and "Traceback" in told


def test_disable_and_enable_last(run, tmp_path) -> None:
    config = tmp_path / "data" / "config.json"
    run("disable", "broken")
    assert json.loads(config.read_text())["disabled_extensions"] == ["broken"]
    code, out = run("list")
    assert code == 0
    assert "disabled in the settings" in out
    run("enable", "broken")
    assert json.loads(config.read_text())["disabled_extensions"] == []


def test_safe_mode_leaves_out_what_the_user_installed(run) -> None:
    code, out = run("list", "--safe-mode")
    assert code == 0
    assert "Only built-in extensions are loaded" in out


def test_new_writes_an_extension_that_is_in_use_and_whose_tests_pass(tmp_path) -> None:
    folder = new_extension("my_filter", tmp_path / "extensions", set())
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "app.testing.plugin", str(folder)]
    done = subprocess.run(command, cwd=CHECKOUT, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "14 passed" in done.stdout


@pytest.mark.parametrize("name", ["My Filter", "2nd", "a-b", "", "../x", "taken"])
def test_new_refuses_ids_that_cannot_be(tmp_path, name) -> None:
    with pytest.raises(UserError):
        new_extension(name, tmp_path, {"taken"})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("culprit", range(13))
def test_bisect_finds_each_culprit_in_few_questions(culprit) -> None:
    users = [f"user_{number:02}" for number in range(13)]
    asked: list[int] = []

    def fails(allowed) -> bool:
        asked.append(len(allowed))
        return users[culprit] in allowed

    verdict = find_culprit(["one", "two"], users, fails)
    assert verdict.culprit == users[culprit]
    assert users[culprit] in verdict.sentence
    assert len(asked) <= 2 + math.ceil(math.log2(len(users)))


def test_bisect_looks_among_the_built_in_ones_when_they_are_to_blame() -> None:
    assert find_culprit(["one", "two", "three"], ["mine"], lambda allowed: "two" in allowed).culprit == "two"
    assert find_culprit(["one", "two"], [], lambda allowed: "one" in allowed).culprit == "one"


@pytest.mark.parametrize(("answer", "words"), [(False, "works with all"), (True, "without any")])
def test_bisect_says_when_no_extension_is_to_blame(answer, words) -> None:
    verdict = find_culprit(["one"], ["mine"], lambda allowed: answer)
    assert verdict.culprit == ""
    assert words in verdict.sentence


def test_bisect_runs_the_command_with_ever_fewer_extensions(tmp_path, write_extension, capsys) -> None:
    for name in ("aaa", "bbb", "ccc", "ddd"):
        write_extension(name, "")
    broken = "import os, sys; sys.exit('ccc' in os.environ['PAINTBOX_ONLY_EXTENSIONS'].split(','))"
    with forgetting_extensions():
        code = main(["extensions", "bisect", "--data-dir", str(tmp_path / "data"), "--", sys.executable, "-c", broken], dict(os.environ))
    out = capsys.readouterr().out
    assert code == 0
    assert "The culprit is 'ccc'" in out


def test_a_restore_gets_a_program_back_whose_extensions_break_it(run, tmp_path) -> None:
    folder = tmp_path / "data" / "extensions"
    good = (folder / "mine" / "__init__.py").read_text()
    assert "Written" in run("snapshot", "good", "days")[1]
    (folder / "mine" / "__init__.py").write_text("import os; os._exit(3)")
    assert run("disable", "broken")[0] == 0
    assert "before disabling broken" in run("snapshots")[1]
    code, out = run("restore", "good", "days", "extensions")
    assert (code, (folder / "mine" / "__init__.py").read_text()) == (0, good), out
    assert "broken: enabled." in out


def test_an_archive_is_planned_and_installed_with_consent_only(run, tmp_path) -> None:
    archive = write_archive(tmp_path / "late.zip", {"pyproject.toml": manifest_text("late"), "__init__.py": "raise OSError"}, "late")
    assert "extension: late 1.0.0" in run("plan", str(archive))[1]
    code, out = run("install", str(archive))
    assert (code, "give --yes" in out, (tmp_path / "data/extensions/late").exists()) == (1, True, False)
    assert run("install", str(archive), "--yes")[0] == 0
    assert run("info", "late")[1].count("OSError") >= 1
    newer = write_archive(tmp_path / "newer.zip", {"pyproject.toml": manifest_text("late", version="2.0.0"), "__init__.py": ""}, "late")
    code, out = run("install", str(newer), "--yes")
    assert "replaces: late 1.0.0\n" in out and "late is updated; the new version is used from the next start on." in out
    assert run("remove", "late")[0] == 0
    assert not (tmp_path / "data/extensions/late").exists()


def test_a_name_that_nothing_has_is_said_to_be_nothing(run, tmp_path) -> None:
    for name in ("zzz", str(tmp_path / "nosuch.zip")):
        with pytest.raises(UserError, match=f"neither a file nor an extension '{name}'"):
            change_extensions("plan", [name, "--data-dir", str(tmp_path / "data")], {})


def test_an_address_that_may_not_be_asked_is_refused(run, capsys) -> None:
    assert run("install", "ext::sh -c id", "--yes")[0] == 1
