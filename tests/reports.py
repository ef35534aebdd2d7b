"""A pytest plugin: what the browser tests found out is written into ``build/reports`` when a run ends."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest

from app.paths import CHECKOUT
from tests.report_pages import PAGES

PARTS = pytest.StashKey[Path]()
"""The folder of this run into which all of its processes write."""
FOLDER = "PAINTBOX_REPORTS"
"""Variable with another folder for the reports than ``build/reports``, which git ignores."""


def pytest_configure(config: pytest.Config) -> None:
    """The process that was started makes the folder, its workers are told of it."""
    worker = getattr(config, "workerinput", None)
    config.stash[PARTS] = Path(worker["report_parts"] if worker else tempfile.mkdtemp(prefix="paintbox-reports-"))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """A process of pytest-xdist is about to start."""
    node.workerinput["report_parts"] = str(node.config.stash[PARTS])


def pytest_sessionfinish(session: pytest.Session) -> None:
    """All tests have ended, those of the workers too."""
    if not hasattr(session.config, "workerinput"):
        write_reports(session.config.stash[PARTS], Path(os.environ.get(FOLDER, CHECKOUT / "build" / "reports")))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Nothing is left in the folder for temporary files."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(config.stash[PARTS], ignore_errors=True)


def add_part(folder: Path, kind: str, name: str, content: Any) -> None:
    """One finding, once and whole, by whichever process."""
    handle, path = tempfile.mkstemp(prefix=f"{kind}-", suffix=".part", dir=folder)
    with open(handle, "w", encoding="utf-8") as file:
        json.dump({"kind": kind, "name": name, "content": content}, file)
    os.replace(path, Path(path).with_suffix(".json"))


def write_reports(parts: Path, folder: Path) -> None:
    """For each kind that was found out about one file for programs and one for people; reports of other kinds stay as they are."""
    for kind, page in PAGES.items():
        found = dict(sorted(_read(parts, kind), key=itemgetter(0)))
        if found:
            _write(folder / f"{kind}.json", json.dumps(found, indent=1, ensure_ascii=False) + "\n")
            _write(folder / f"{kind}.md", page(found))


def _read(parts: Path, kind: str) -> Iterator[tuple[str, Any]]:
    for path in parts.glob(f"{kind}-*.json"):
        part = json.loads(path.read_text(encoding="utf-8"))
        yield part["name"], part["content"]


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    with open(handle, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(name, path)
