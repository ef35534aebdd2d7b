"""The command ``docs``: what its help does."""

from __future__ import annotations

import pytest

from app.cli.docs import write_docs


def test_the_help_of_docs_writes_nothing(capsys, monkeypatch):
    monkeypatch.setattr("app.cli.docs.make_pages", lambda: pytest.fail("pages were made"))
    assert write_docs(["--help"], {}) == 0
    assert "docs --check" in capsys.readouterr().out
