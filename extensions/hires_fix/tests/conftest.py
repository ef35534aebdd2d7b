"""A worker's host with hires fix and two tiny checkpoints."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.api import Host
from app.testing.drawing import drawing_host


@pytest.fixture
def host(tmp_path) -> Iterator[Host]:
    with drawing_host(tmp_path, "hires_fix", "a1111_infotext", "styles", checkpoints=("first", "second")) as made:
        yield made
