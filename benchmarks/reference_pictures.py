"""Recorded requests against the reference's pictures, pixel by pixel: ``python -m benchmarks.reference_pictures [ID or group ...]``.

Writes the checkpoint whose weights follow a formula (2.1 GB, kept in ``--models`` if given), starts the server in full precision, sends
every request of the folder ``--cases`` and prints a table; its exit code is 1 when a picture differs by more than its case allows.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import urllib.error
from collections.abc import Iterator
from pathlib import Path

from benchmarks.server import ROOT, Server, running
from benchmarks.table import print_table
from tools.formula_model.cases import Case, difference, prepare, read_cases
from tools.formula_model.write import write_checkpoint

CASES = ROOT / "tests" / "vectors" / "e2e"
FLAGS = ("--precision", "full", "--no-half", "--no-hashing", "--nowebui")
NAME = "e2e.safetensors"


def rows(server: Server, cases: list[Case]) -> Iterator[list[str]]:
    """A line of the table for each case."""
    for case in cases:
        started = time.monotonic()
        try:
            found = difference(case, server.post)
        except urllib.error.HTTPError as error:
            yield [case.id, "REFUSED", "", "", error.read().decode()[:120]]
        except ValueError as error:
            yield [case.id, "DIFFERS", "", "", str(error)]
        else:
            verdict = "ok" if found.is_within(case) else "DIFFERS"
            yield [case.id, verdict, f"{found.mean:.4f}", f"{found.maximum:.0f}", f"{time.monotonic() - started:.1f} s"]


def main() -> int:
    """Draw the cases and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wanted", nargs="*", metavar="ID or group")
    parser.add_argument("--cases", type=Path, default=CASES)
    parser.add_argument("--models", type=Path)
    arguments = parser.parse_args()
    cases = [case for case in read_cases(arguments.cases) if not arguments.wanted or {case.id, case.group} & set(arguments.wanted)]
    table: list[list[str]] = []
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = (arguments.models or Path(folder)) / NAME
        if not checkpoint.exists():
            write_checkpoint(checkpoint)
        with running(FLAGS, checkpoints=(checkpoint,), prepare=lambda data: prepare(arguments.cases, data, cases)) as server:
            server.wait_for("/internal/ping")
            for row in rows(server, cases):
                sys.stderr.write("  ".join(row) + "\n")
                table.append(row)
    print_table("Pictures against the reference", ["case", "", "mean", "maximum", ""], table)
    return int(any(row[1] != "ok" for row in table))


if __name__ == "__main__":
    sys.exit(main())
