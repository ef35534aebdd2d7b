"""Hands the terminal over to a program."""

import os
import subprocess
import sys
from collections.abc import Sequence

RESTART = 75
"""Exit code of a program that wants to be started again."""


def launch(command: Sequence[str]) -> int:
    """Become ``command``; on Windows, where a process cannot, run it and return its exit code.

    Raises OSError when the program cannot be started.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "nt":
        return _run(command)
    os.execv(command[0], list(command))


def _run(command: Sequence[str]) -> int:
    while (code := _run_once(command)) == RESTART:
        continue
    return code


def _run_once(command: Sequence[str]) -> int:
    child = subprocess.Popen(command)
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            # the console sends Ctrl-C to the child as well, which ends in its own time
            continue
