"""The infotext's "Lora hashes"."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.api import GenerationPlan, ModelRecord, Run, UserError, hash_file, take_tags
from extensions.lora.names import FOLDER, find_file

if TYPE_CHECKING:
    from app.api import Host

DIGITS = 12
STORED = "sshs_model_hash"
STORED_LEGACY = "sshs_legacy_hash"


def lora_hashes(plan: GenerationPlan, run: Run) -> str | None:
    """``name: hash, name: hash`` of the networks that the first picture's prompt names and that are there; None where there are none."""
    from extensions.lora.tags import named_networks

    _, tags = take_tags(plan.images[0].prompt)
    found = []
    for network in named_networks(tags):
        try:
            digits = lora_hash(find_file(network.name, run.host), run.host)
        except UserError:
            continue  # the truth about it stands in the job's report
        found.append(f"{network.name}: {digits[:DIGITS]}")
    return ", ".join(found) or None


def lora_hash(record: ModelRecord, host: Host) -> str:
    """The sha256 of what follows the header (AutoV3), as its trainer stored it or computed here; of other containers that of the file."""
    stored = record.metadata.get(STORED)
    if stored:
        return stored
    known = host.models.with_known_hash(record)
    if known.sha256 is None:
        computed = hash_file(Path(record.path))
        known = host.models.put_hash(record, *computed) if computed else known
    return known.autov3 or known.sha256 or ""


def find_by_hash(digits: str, host: Host) -> ModelRecord | None:
    """The file whose hash is known and begins with these digits; None where there is none, or no digits."""
    records = host.models.records(FOLDER) if digits else []
    return next((record for record in records if _known_as(record, digits)), None)


def has_hash(record: ModelRecord, digits: str, host: Host) -> bool:
    """Whether one of the file's hashes begins with these digits; computes it where it is not known."""
    return _known_as(record, digits) or lora_hash(record, host).startswith(digits.lower())


def _known_as(record: ModelRecord, digits: str) -> bool:
    hashes = (record.metadata.get(STORED), record.metadata.get(STORED_LEGACY), record.autov3, record.sha256)
    return any((one or "").startswith(digits.lower()) for one in hashes)
