"""What extensions may import of the host and of each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.testing.source import forbidden_import, read_imports


@pytest.mark.parametrize(
    ("file", "line", "words"),
    [
        ("apply.py", "from extensions.other.api import thing", ""),
        ("apply.py", "from extensions.other.testing import thing", "only its api module"),
        ("tests/test_it.py", "from extensions.other.testing import thing", ""),
        ("tests/test_it.py", "from extensions.other.inner import thing", "only its api module"),
        ("tests/test_it.py", "from app.testing.hosts import thing", ""),
        ("apply.py", "from app.testing.hosts import thing", "only app.api"),
        ("apply.py", "from extensions.mine.inner import thing", ""),
    ],
)
def test_imports_of_an_extension(file: str, line: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{line}\n", encoding="utf-8")
    (complaint,) = [forbidden_import(found, tmp_path, "mine") for found in read_imports(tmp_path, "mine")]
    assert words in complaint
    assert bool(complaint) is bool(words)
