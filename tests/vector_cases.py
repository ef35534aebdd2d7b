"""Recorded cases for vector tests: read from the folder in PAINTBOX_VECTORS, or tests/vectors."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(os.environ.get("PAINTBOX_VECTORS") or Path(__file__).parent / "vectors")


def cases(file: str, group: str) -> list[Any]:
    """Parameters for ``pytest.mark.parametrize("case", ...)``: the list ``group`` of ``file``, or one skipped case without it."""
    path = FOLDER / file
    rows = json.loads(path.read_text("utf-8")).get(group, []) if path.is_file() else []
    if not rows:
        return [pytest.param(None, id="absent", marks=pytest.mark.skip(reason=f"no {group} in {path}"))]
    return [pytest.param(row, id=_name(row, index)) for index, row in enumerate(rows)]


def _name(row: Any, index: int) -> str:
    if isinstance(row, dict):
        return str(row.get("id") or row.get("file") or index)
    return str(index)
