"""The log, the stash, and files written in one step."""

from __future__ import annotations

import logging
import os
import stat

import pytest

from app.files import write_atomically
from app.logs import console_log
from app.newest import Newest
from app.stash import Stash, StashKey


@pytest.mark.parametrize("message", ["login anna:hunter2", "password=hunter2!", "hunter2"])
def test_no_log_line_shows_a_password(capsys, message) -> None:
    with console_log("INFO", ["hunter2", "anna:hunter2", "abc"]):
        logging.getLogger("test").warning("%s and abc", message)
    said = capsys.readouterr().err
    assert "hunter2" not in said
    assert "•••" in said
    assert "abc" in said, "shorter than a password: hiding it would make the log unreadable"


def test_no_traceback_shows_a_password(capsys) -> None:
    with console_log("INFO", ["hunter2"]):
        try:
            raise ValueError("cannot parse anna:hunter2")
        except ValueError:
            logging.getLogger("test").exception("failed")
    assert "hunter2" not in capsys.readouterr().err


def test_logging_is_left_as_it_was(capsys) -> None:
    root, talkative = logging.getLogger(), logging.getLogger("uvicorn")
    before = (list(root.handlers), root.level, talkative.level)
    with console_log("INFO"):
        talkative.info("started")
        logging.getLogger("app").info("heard")
        logging.getLogger("app").debug("not heard")
    assert (list(root.handlers), root.level, talkative.level) == before
    assert capsys.readouterr().err.split("app: ")[1] == "heard\n"


def test_a_stash_keeps_values_by_key_and_not_by_name() -> None:
    stash = Stash()
    one, other = StashKey[int]("number"), StashKey[int]("number")
    stash[one] = 3
    assert stash[one] == 3
    assert (one in stash, other in stash, len(stash), stash.names()) == (True, False, 1, ["number"])
    assert stash.get(other, None) is None
    assert (stash.made(one, lambda: 4), stash.made(other, lambda: 5), stash.made(other, lambda: 6)) == (3, 5, 5)
    del stash[other]
    with pytest.raises(KeyError, match="number"):
        stash[other]
    del stash[one]
    assert len(stash) == 0


def test_a_written_file_keeps_its_mode_and_a_new_one_follows_the_umask(tmp_path) -> None:
    file = tmp_path / "new" / "file"
    before = os.umask(0o027)
    try:
        write_atomically(file, b"one")
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    file.chmod(0o600)
    write_atomically(file, b"two")
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (b"two", 0o600)
    assert [entry.name for entry in file.parent.iterdir()] == ["file"]


def test_the_newest_values_are_kept_and_made_once() -> None:
    made, newest = [], Newest[str, str](2)
    assert [newest.get(key, lambda key=key: made.append(key) or key) for key in "abacab"] == list("abacab")
    assert made == ["a", "b", "c", "b"], "the last one for which there was no room"
