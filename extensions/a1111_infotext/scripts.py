"""How pasted infotexts tell which script had made a picture, where an extension offers scripts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from app.api import Json, StashKey


@dataclass(frozen=True)
class ScriptReading:
    """Values by form key, the labels that are understood, and a sentence about what cannot be restored."""

    values: Mapping[str, Json]
    labels: frozenset[str]
    problem: str = ""


ScriptReader: TypeAlias = Callable[[Mapping[str, str]], ScriptReading]
SCRIPT_READER = StashKey[ScriptReader]("scripts in pasted infotexts")
"""In ``host.stash`` of the web process, where an extension offers scripts."""
