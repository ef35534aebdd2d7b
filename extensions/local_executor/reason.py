"""Says in words why a process ended."""

from __future__ import annotations

import signal
from collections.abc import Sequence

WINDOWS_CRASHES = {0xC0000005: "an access violation", 0xC00000FD: "a stack overflow", 0xC0000017: "a lack of memory"}
LONGEST_LINE = 300


def ending_reason(status: int, last_lines: Sequence[str]) -> str:
    """A sentence from the exit status (as ``subprocess`` gives it) and the last lines the process wrote to its error stream."""
    if status < 0:
        return _signal_reason(-status)
    if status in WINDOWS_CRASHES:
        return f"The worker process crashed: {WINDOWS_CRASHES[status]}."
    if status == 0:
        return "The worker process ended by itself."
    said = next((line.strip() for line in reversed(last_lines) if line.strip()), "")
    return f"The worker process ended with exit code {status}" + (f": {said[:LONGEST_LINE]}" if said else ".")


def _signal_reason(number: int) -> str:
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"signal {number}"
    if name == "SIGKILL":
        return "The worker process was killed (signal 9: out of memory?)."
    if name in ("SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGABRT"):
        return f"The worker process crashed ({name})."
    return f"The worker process was ended ({name})."
