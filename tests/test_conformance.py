"""Every extension that comes with Paintbox passes the checks that it offers to extension authors."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.manifest import read_manifest
from app.paths import CHECKOUT
from app.testing import CONFORMANCE_CHECKS

FOLDERS = sorted(manifest.parent for manifest in (CHECKOUT / "extensions").glob("*/pyproject.toml"))


@pytest.mark.parametrize("check", CONFORMANCE_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_conformance(conformance, folder: Path, check) -> None:
    check(conformance, folder)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_safe_mode_keeps_it(folder: Path) -> None:
    assert read_manifest(folder).claims_builtin, "builtin = true is missing in [tool.paintbox]"
