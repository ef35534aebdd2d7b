"""Finds the checkpoint that an infotext names among the local files: by its hash, else by its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from app.api import ModelRecord

if TYPE_CHECKING:
    from app.api import Host

KIND = "checkpoint"
OLD_HASH_DIGITS = 8
OLD_HASH_PLACE, OLD_HASH_BYTES = 0x100000, 0x10000
"""The first versions of A1111 hashed these bytes of the file alone."""
SHORTEST_HASH_DIGITS = 10


@dataclass(frozen=True)
class WantedModel:
    """The file that was found, and a sentence for the user when it is missing or not surely the same."""

    record: ModelRecord | None = None
    problem: str = ""


def wanted_model(fields: Mapping[str, object], host: Host) -> WantedModel:
    """The checkpoint of the fields ``Model hash`` and ``Model``; nothing when there are none."""
    digits, name = str(fields.get("Model hash", "")).strip().lower(), str(fields.get("Model", "")).strip()
    if not (digits or name) or KIND not in host.models.folders:
        return WantedModel()
    records = host.models.records(KIND)
    by_hash = next((record for record in records if _has_hash(record, digits)), None)
    if by_hash is not None:
        return WantedModel(by_hash)
    named = host.models.find(KIND, name or digits)
    if named is None:
        return WantedModel(problem=_missing(name, digits, host, sum(record.sha256 is None for record in records)))
    if digits and named.sha256 is not None and len(digits) >= SHORTEST_HASH_DIGITS:
        problem = f"The checkpoint {named.name} has the right name but another hash ({named.short_hash}, not {digits})."
        return WantedModel(named, problem)
    return WantedModel(named)


def _has_hash(record: ModelRecord, digits: str) -> bool:
    if len(digits) == OLD_HASH_DIGITS:
        return _old_hash(record) == digits
    return len(digits) >= SHORTEST_HASH_DIGITS and (record.sha256 or "").startswith(digits)


def _old_hash(record: ModelRecord) -> str:
    try:
        with open(record.path, "rb") as file:
            file.seek(OLD_HASH_PLACE)
            return sha256(file.read(OLD_HASH_BYTES)).hexdigest()[:OLD_HASH_DIGITS]
    except OSError:
        return ""


def _missing(name: str, digits: str, host: Host, unhashed: int) -> str:
    wanted = " ".join(part for part in (repr(name) if name else "", f"with the hash {digits}" if digits else "") if part)
    folders = ", ".join(str(root) for root in host.models.folders[KIND].roots)
    waiting = f" {unhashed} files there have not been hashed yet." if unhashed and digits else ""
    return f"The picture was made with the checkpoint {wanted}, which is not in {folders}.{waiting}"
