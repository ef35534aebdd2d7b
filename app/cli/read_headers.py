"""The process that reads pickled model files for the web process; started by Paintbox itself."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from app.weights.header_child import answer_paths


def read_headers(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Answer paths on stdin with what the files hold, until stdin ends."""
    answer_paths(sys.stdin.buffer, sys.stdout.buffer)
    return 0
