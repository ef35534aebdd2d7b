"""Which file each package of the extensions was installed from: by its hash, so that a restore takes the same one again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from app.files import write_atomically
from app.values.base import Value

FILE = "paintbox-files.json"
SHA256 = "[0-9a-f]{64}"


class PlannedPackage(Value):
    """A package that an install adds; ``source`` is the host it comes from."""

    name: str = Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$")
    version: str = Field(pattern=r"^[A-Za-z0-9.!+_-]+$")
    sha256: str = Field("", pattern=rf"^({SHA256})?$")
    source: str = ""


def read_hashes(folder: Path) -> dict[str, PlannedPackage]:
    """What is known of the packages in a folder, by name."""
    try:
        document: Any = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return {str(name): PlannedPackage.model_validate(each) for name, each in document.items()}
    except (OSError, ValueError, AttributeError, ValidationError):
        return {}


def note_hashes(folder: Path, packages: Mapping[str, PlannedPackage]) -> None:
    """Keep what was just installed, by name."""
    known = {name: each.model_dump(exclude={"source"}) for name, each in {**read_hashes(folder), **packages}.items()}
    write_atomically(folder / FILE, json.dumps(known, indent=1).encode())
