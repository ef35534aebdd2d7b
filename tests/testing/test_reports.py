"""The reports of a run: whatever order and process the findings come from, whole files, and nothing that others wrote is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.reports import add_part, write_reports

VIOLATION = {
    "id": "label",
    "impact": "minor",
    "help": "Fields have labels",
    "helpUrl": "https://example.com/label",
    "nodes": [{"target": ["#a"], "html": "<input>"}],
}


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    (tmp_path / "parts").mkdir()
    return tmp_path / "parts"


def test_what_was_found_is_written_for_programs_and_for_people(parts: Path, tmp_path: Path) -> None:
    add_part(parts, "accessibility", "b tab", [])
    add_part(parts, "accessibility", "a tab", [VIOLATION])
    add_part(parts, "console", "test_one", {"page": [{"type": "warning", "text": "slow"}], "settings": []})
    add_part(parts, "budgets", "page usable", {"values": [3, 1, 2], "unit": "ms", "limit": 2000})
    (parts / "budgets-half.part").write_text("{")
    write_reports(parts, tmp_path / "reports")
    written = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "reports").iterdir()}
    assert sorted(written) == [f"{kind}.{form}" for kind in ("accessibility", "budgets", "console") for form in ("json", "md")]
    assert json.loads(written["accessibility.json"]) == {"a tab": [VIOLATION], "b tab": []}
    assert "| a tab | 0 | 0 | 0 | 1 |\n| b tab | 0 | 0 | 0 | 0 |" in written["accessibility.md"]
    assert "* `#a`: `<input>`" in written["accessibility.md"]
    assert "| test_one, page | 0 | 1 |\n| test_one, settings | 0 | 0 |" in written["console.md"]
    assert "* test_one, page: warning: slow" in written["console.md"]
    assert "| page usable | 2.00 ms | 1.00 ms | 3.00 ms | 2000 ms |" in written["budgets.md"]


def test_a_run_that_found_nothing_out_leaves_the_reports_of_the_last_one(parts: Path, tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    add_part(parts, "accessibility", "tab", [])
    write_reports(parts, folder)
    kept = (folder / "accessibility.json").read_bytes()
    write_reports(tmp_path / "nowhere", folder)
    assert (folder / "accessibility.json").read_bytes() == kept
    assert not (folder / "console.json").exists()
