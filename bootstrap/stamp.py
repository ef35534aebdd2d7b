"""The note that a complete install leaves behind, by which the next start knows that nothing is to be done."""

import hashlib
import json
import os
import sys
from pathlib import Path
from typing import NamedTuple


class Stamp(NamedTuple):
    """What was installed; without the note, or with another one, the install is done again."""

    pins: str
    """SHA-256 of the file of pinned packages."""
    python: str
    """The interpreter the packages were chosen for, such as cpython-311."""
    build: str
    """The PyTorch build, such as cpu or cu130."""
    machine: str
    """The accelerator that was seen then (see ``machine.accelerator_sign``)."""


def digest(pins: Path) -> str:
    """SHA-256 of a file of pinned packages; line endings do not count."""
    return hashlib.sha256(pins.read_bytes().replace(b"\r\n", b"\n")).hexdigest()


def python_tag() -> str:
    """The running interpreter as packages see it: implementation, version and, where it has one, the free-threaded mark."""
    return f"{sys.implementation.cache_tag}{getattr(sys, 'abiflags', '')}"


def read_stamp(path: Path) -> Stamp | None:
    """The note at ``path``; None when there is none or it cannot be read."""
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        return Stamp(**{name: str(fields[name]) for name in Stamp._fields})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_stamp(path: Path, stamp: Stamp) -> None:
    """Write the note in one step: it is there whole or not at all."""
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(stamp._asdict(), indent=2) + "\n", encoding="utf-8")
    os.replace(draft, path)
