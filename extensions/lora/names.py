"""The names of LoRA files: their stems, their paths, and what their trainers called them; no torch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from app.api import ModelRecord, StashKey, UserError

if TYPE_CHECKING:
    from app.api import Host

FOLDER = "lora"
ALIAS = "ss_output_name"
SHARED = StashKey[frozenset[str]]("names that several LoRA files got from their trainers")


@dataclass(frozen=True)
class LoraPlace:
    """Where a LoRA is asked for: ``field`` of the request, and how not to ask for it."""

    field: str = "prompt"
    otherwise: str = "take the tag out of the prompt"


def find_file(name: str, host: Host, place: LoraPlace = LoraPlace()) -> ModelRecord:
    """The file of this name: its stem, its path below the folder, or its alias, where only one file has that.

    Raises UserError for an unknown name.
    """
    records = host.models.records(FOLDER)
    named = next((record for record in records if name in names_of(record)), None)
    if named is not None:
        return named
    aliased = [record for record in records if name in alias_of(record)]
    if len(aliased) == 1:
        return aliased[0]
    if aliased:
        several = f"{len(aliased)} files were called so by their trainers; use a file's own name."
        raise UserError(f"There is no LoRA {name!r} in models/Lora. {several}", field=place.field)
    alike = _alike(name, records)
    hint = f"Did you mean {alike!r}?" if alike else f"Put the file there, or {place.otherwise}."
    raise UserError(f"There is no LoRA {name!r} in models/Lora.", hint=hint, field=place.field)


def _alike(name: str, records: Sequence[ModelRecord]) -> str:
    """The file's name that this one was probably meant to be: other letters' case first; "" where none is near."""
    known = {one.casefold(): one for record in records for one in (*alias_of(record), *reversed(names_of(record)))}
    found = get_close_matches(name.casefold(), known, n=1, cutoff=0.8)
    return known[found[0]] if found else ""


def names_of(record: ModelRecord) -> tuple[str, ...]:
    """Stem, and path below the folder with and without its suffix."""
    return record.stem, record.name, record.name.rpartition(".")[0]


def alias_of(record: ModelRecord) -> tuple[str, ...]:
    """The name that the trainer wrote into the file; "none" is no name."""
    alias = record.metadata.get(ALIAS, "")
    return (alias,) if alias and alias.lower() != "none" else ()


def note_shared(records: Sequence[ModelRecord], host: Host) -> None:
    """Remember which of the trainers' names mean no single file: several have them, or they are another file's own name."""
    counts = Counter(alias for record in records for alias in alias_of(record) if alias != record.stem)
    host.stash[SHARED] = frozenset(alias for alias, count in counts.items() if count > 1) | (counts.keys() & {r.stem for r in records})


def unique_alias(record: ModelRecord, host: Host) -> str:
    """The trainer's name of a file where it means this file alone, else its own."""
    alias = next(iter(alias_of(record)), record.stem)
    return record.stem if alias in host.stash.get(SHARED, frozenset()) else alias
