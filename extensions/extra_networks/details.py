"""Everything that the dialogs say of one file: facts, trigger words, words of its training, what users wrote, and the raw metadata."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from app.api import Json, ModelRecord, NetworkNotes, NetworkType, UserMetadata, Value
from extensions.extra_networks.cards import Card, CardMaker
from extensions.extra_networks.editing import can_undo
from extensions.extra_networks.rows import COVERS, Row

if TYPE_CHECKING:
    from app.api import Host

LONGEST_VALUE = 200_000
DEEPEST = 12
MOST_ENTRIES = 4000
LARGEST_METADATA = 2_000_000


class Details(Value):
    """What the edit dialog shows. ``fields``: those of ``user`` that the kind offers; ``problem``: what is unreadable."""

    card: Card
    user: dict[str, Json]
    fields: tuple[str, ...]
    choices: dict[str, tuple[str, ...]]
    facts: tuple[tuple[str, str], ...]
    words: tuple[tuple[str, int], ...]
    triggers: tuple[str, ...]
    problem: str
    can_undo_preview: bool


FACTS = ("Filename", "File size", "Hash", "not computed yet", "Modified", "Kind", "Version", "Civitai base model")


def details_of(row: Row, kind: NetworkType, host: Host) -> Details:
    """The details of one file."""
    owner, notes = host.network_types.owner(kind.id), NetworkNotes()
    choices: dict[str, tuple[str, ...]] = {}
    with host.hooks.isolated(owner, "what a file says of itself"):
        notes = kind.notes(row.record)
    with host.hooks.isolated(owner, "the choices of its fields"):
        choices = {name: tuple(kind.choices(name)) for name in kind.fields} if kind.choices is not None else {}
    civitai = row.sidecars.civitai
    return Details(
        card=CardMaker(kind, host).card(row),
        user=row.sidecars.user.model_dump(mode="json"),
        fields=tuple(name for name in kind.fields if name in UserMetadata.model_fields),
        choices=choices,
        facts=(*_file_facts(row.record), *civitai.facts, *notes.facts),
        words=notes.words,
        triggers=tuple(dict.fromkeys((*civitai.triggers, *notes.triggers))),
        problem=row.sidecars.problem,
        can_undo_preview=can_undo(row.record.path),
    )


def _file_facts(record: ModelRecord) -> tuple[tuple[str, str], ...]:
    modified = datetime.fromtimestamp(record.mtime_ns / 1e9).strftime("%Y-%m-%d %H:%M")
    title = record.identity.title if record.identity is not None else ""
    facts = (("Filename", record.name), ("File size", size_text(record.size_bytes)), ("Hash", record.sha256 or "not computed yet"))
    return (*facts, ("Modified", modified), *((("Kind", title),) if title else ()))


def size_text(count: int) -> str:
    """``144.1 MB``, with steps of 1024 as A1111 shows them."""
    if count < 1024:
        return f"{count} bytes"
    power = min(int(math.log(count, 1024)), 4)
    return f"{count / 1024**power:.1f} {('', 'KB', 'MB', 'GB', 'TB')[power]}"


def metadata_of(record: ModelRecord) -> dict[str, Json]:
    """The metadata in the file, JSON in its values unpacked; what is too large for a page is cut, and the value says so."""
    shown: dict[str, Json] = {}
    left = LARGEST_METADATA
    for key, value in list(record.metadata.items())[:MOST_ENTRIES]:
        left -= len(value)
        shown[key] = "(left out: there is more metadata than a page can show)" if left < 0 else _unpacked(key, value)
    if len(record.metadata) > MOST_ENTRIES:
        shown["…"] = f"({len(record.metadata) - MOST_ENTRIES} more entries)"
    return shown


def _unpacked(key: str, value: str) -> Json:
    if key == COVERS:
        return f"(pictures, {size_text(len(value))})"
    if len(value) > LONGEST_VALUE:
        return f"{value[:LONGEST_VALUE]} … (cut: {len(value):,} letters)"
    if not value.lstrip().startswith(("{", "[")):
        return value
    try:
        told: Json = json.loads(value, parse_constant=lambda name: name)
    except (ValueError, RecursionError):
        return value
    return told if _depth(told) <= DEEPEST else value


def _depth(value: Json, level: int = 0) -> int:
    """How deep lists and objects lie in each other; counting ends where it is too deep."""
    if level > DEEPEST or not isinstance(value, list | Mapping):
        return level
    inner = value.values() if isinstance(value, Mapping) else value
    return max((_depth(one, level + 1) for one in inner), default=level + 1)
