"""The names of LoRA files: their stems, their paths, and what their trainers called them; no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.api import ModelRecord, UserError

if TYPE_CHECKING:
    from app.api import Host

FOLDER = "lora"
ALIAS = "ss_output_name"


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
    several = f" {len(aliased)} files were called so by their trainers; use a file's own name." if aliased else ""
    raise UserError(
        f"There is no LoRA {name!r} in models/Lora.{several}",
        hint="" if aliased else f"Put the file there, or {place.otherwise}.",
        field=place.field,
    )


def names_of(record: ModelRecord) -> tuple[str, ...]:
    """Stem, and path below the folder with and without its suffix."""
    return record.stem, record.name, record.name.rpartition(".")[0]


def alias_of(record: ModelRecord) -> tuple[str, ...]:
    """The name that the trainer wrote into the file; "none" is no name."""
    alias = record.metadata.get(ALIAS, "")
    return (alias,) if alias and alias.lower() != "none" else ()
