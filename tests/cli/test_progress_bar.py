"""The bar on a terminal is drawn over and over in one line and leaves nothing behind; elsewhere only what is new is said."""

from __future__ import annotations

import io

from app.cli.progress_bar import Bar


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_a_bar_that_goes_away() -> None:
    stream = _Terminal()
    with Bar(stream) as bar:
        bar.say("Loading the checkpoint.")
        bar.show(1.0, "step 20 of 20", 0.0)
        assert "[" + "#" * 30 + "] 100%, 0 s left step 20 of 20" in stream.getvalue()
    assert stream.getvalue().endswith("\r") and "\n" not in stream.getvalue()


def test_a_file_gets_each_sentence_once_and_no_bar() -> None:
    stream = io.StringIO()
    with Bar(stream) as bar:
        for _ in range(3):
            bar.say("Loading the checkpoint.")
            bar.show(0.5)
    assert stream.getvalue() == "Loading the checkpoint.\n"


def test_quiet_is_quiet() -> None:
    stream = _Terminal()
    with Bar(stream, is_quiet=True) as bar:
        bar.say("Loading the checkpoint.")
        bar.show(1.0)
    assert stream.getvalue() == ""
