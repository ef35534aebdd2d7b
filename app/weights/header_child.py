"""The process that reads pickled files for the web process: a path a line on stdin, what the file holds a line on stdout.

It imports the standard library and the reader only, and what it may take of the machine is limited by the system as well where the
system can (Linux, macOS): memory, computing time, and it can write no file.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import BinaryIO

from app.errors import ModelFileError
from app.weights.pickles.reading import flatten_file, read_pickle

MEMORY_BYTES = 256 << 20
"""Address space beside what the process has when it begins."""
SECONDS_PER_FILE = 25
OPEN_FILES = 16


def answer_paths(paths: BinaryIO, answers: BinaryIO) -> None:
    """Answer until ``paths`` ends."""
    limit_memory()
    while line := paths.readline():
        limit_time()
        answers.write(describe(Path(json.loads(line))) + b"\n")
        answers.flush()


def describe(path: Path) -> bytes:
    """What ``header_reader`` makes a header of, as JSON: tensors and texts, or what is wrong with the file."""
    try:
        flat = flatten_file(read_pickle(path), path.name)
    except ModelFileError as error:
        return json.dumps({"what": error.what, "hint": error.hint}).encode()
    tensors = {name: (entry.dtype, entry.shape) for name, entry in flat.tensors.items()}
    return json.dumps({"tensors": tensors, "metadata": dict(flat.metadata)}).encode()


def limit_memory() -> None:
    """Set the limits that hold for the whole life of the process."""
    if sys.platform == "win32":
        return
    import resource

    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, 0)
    _lower(resource.RLIMIT_NOFILE, OPEN_FILES)
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        _lower(resource.RLIMIT_AS, pages * resource.getpagesize() + MEMORY_BYTES)


def limit_time() -> None:
    """Give the next file its seconds of computing; the system ends the process when they are used up."""
    if sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    wanted = int(used.ru_utime + used.ru_stime) + SECONDS_PER_FILE
    resource.setrlimit(resource.RLIMIT_CPU, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def _lower(kind: int, value: int) -> None:
    """Set a limit, unless it is lower already."""
    if sys.platform == "win32":
        return
    import resource

    _, hard = resource.getrlimit(kind)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))
