"""The names of hypernetwork files: their stems, and their paths; no torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.api import Choices, ModelRecord, UserError

if TYPE_CHECKING:
    from app.api import Host

FOLDER = "hypernetwork"
NONE = "None"


def known_files(host: Host) -> dict[str, ModelRecord]:
    """The files by their stems, sorted by path; of several files of one stem the last counts, and none may be called None."""
    records = sorted(host.models.records(FOLDER), key=lambda record: record.path.lower())
    return {record.stem: record for record in records if record.stem != NONE}


def find_file(name: str, host: Host) -> ModelRecord:
    """The file of this stem, or of this path below the folder, with or without suffix; raises UserError for an unknown name."""
    found = known_files(host).get(name)
    if found is None:
        paths = {record.name.rpartition(".")[0]: record for record in host.models.records(FOLDER)}
        found = next((record for path, record in paths.items() if name in (path, record.name) and name != NONE), None)
    if found is None:
        raise UserError(
            f"There is no hypernetwork {name!r} in models/hypernetworks.",
            hint="Put the file there, or take the tag out of the prompt.",
            field="prompt",
        )
    return found


def choices(host: Host) -> Choices:
    """What the setting can be chosen from."""
    return Choices(lambda: [NONE, *known_files(host)], lambda: host.models.refresh(FOLDER))
