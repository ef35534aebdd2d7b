"""A store of extensions in the test's own folder, whose git may clone from folders and whose pip knows the test's wheels alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.installing.store import ExtensionStore
from app.paths import Paths, make_paths
from app.testing.hosts import forgetting_extensions
from app.testing.installing import folder_git, pip_environment
from app.values.options import StartOptions


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    data, root = tmp_path / "data", tmp_path / "checkout"
    (data / "extensions").mkdir(parents=True)
    (root / "extensions").mkdir(parents=True)
    return make_paths(StartOptions(data_dir=str(data)), root)


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    folder = tmp_path / "wheels"
    folder.mkdir()
    return folder


@pytest.fixture
def store(paths: Paths, wheels: Path) -> Iterator[ExtensionStore]:
    with forgetting_extensions():
        yield ExtensionStore(paths, folder_git(), pip_environment(wheels))
