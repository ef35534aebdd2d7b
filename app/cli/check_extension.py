"""Runs the conformance checks on one extension and prints how each went."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from app.errors import UserError
from app.testing.conformance import CONFORMANCE_CHECKS, Conformance


def check_folder(folder: Path) -> bool:
    """True when a check failed."""
    sys.stdout.write(f"{folder.name}\n")
    failed = False
    with tempfile.TemporaryDirectory() as place:
        conformance = Conformance(Path(place))
        for check in CONFORMANCE_CHECKS:
            title = check.__name__.replace("_", " ")
            try:
                check(conformance, folder)
            except (AssertionError, UserError, KeyError, SyntaxError) as error:
                failed = True
                sys.stdout.write(f"  FAILED {title}\n         {error}\n")
            else:
                sys.stdout.write(f"  ok     {title}\n")
    return failed
