"""Damage for files, to test readers with: edits that can be listed and repeated, also inside of zip records."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from random import Random
from typing import Literal

EditKind = Literal["set", "flip", "insert", "delete", "cut", "repeat", "number"]
KINDS: tuple[EditKind, ...] = ("set", "flip", "insert", "delete", "cut", "repeat", "number")
NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1 << 40, (1 << 63) - 1, (1 << 64) - 1)
"""Values at which programs go wrong."""
LONGEST = 64
LONGEST_FILE = 1 << 20


@dataclass(frozen=True)
class Edit:
    """One change at ``place`` (0..1 of the length); ``count`` bytes or bits, ``data`` for what is put there."""

    kind: EditKind
    place: float
    count: int
    data: bytes


def damage(raw: bytes, edits: Sequence[Edit]) -> bytes:
    """The bytes with the edits made one after another."""
    for edit in edits:
        raw = _edited(raw, edit)[:LONGEST_FILE]
    return raw


def damage_inside(raw: bytes, edits: Sequence[Edit], choice: int = 0) -> bytes:
    """Damage one record of a zip file and put the file together again with right sums; other files are damaged as they are."""
    try:
        with zipfile.ZipFile(BytesIO(raw)) as old:
            records = [(info.filename, old.read(info)) for info in old.infolist()]
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError, OSError, RuntimeError, zlib.error):
        return damage(raw, edits)
    if not records:
        return damage(raw, edits)
    programs = [index for index, (name, _) in enumerate(records) if name.endswith(".pkl")]
    chosen = programs[0] if programs and choice % 4 else choice % len(records)
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as new:
        for index, (name, data) in enumerate(records):
            new.writestr(zipfile.ZipInfo(name), damage(data, edits) if index == chosen else data)
    return target.getvalue()


def random_edits(random: Random) -> list[Edit]:
    """A few edits; the same generator gives the same ones."""
    return [
        Edit(random.choice(KINDS), random.random(), random.randint(1, LONGEST), random.randbytes(random.choice((1, 1, 2, 4, 16))))
        for _ in range(random.choice((1, 1, 1, 2, 2, 3, 5, 9)))
    ]


def _edited(raw: bytes, edit: Edit) -> bytes:
    place = min(len(raw), int(edit.place * (len(raw) + 1)))
    head, tail, count = raw[:place], raw[place:], edit.count
    match edit.kind:
        case "set":
            return head + edit.data + tail[len(edit.data) :]
        case "flip":
            return head + bytes([tail[0] ^ 1 << count % 8]) + tail[1:] if tail else raw
        case "insert":
            return head + edit.data + tail
        case "delete":
            return head + tail[count:]
        case "cut":
            return head
        case "repeat":
            return head + tail[:count] * (1 + count % 5) + tail
        case "number":
            number = NUMBERS[count % len(NUMBERS)]
            size = next(size for size in (1, 2, 4, 8) if number < 1 << 8 * size)
            return head + number.to_bytes(size, "big" if edit.data[0] % 2 else "little") + tail[size:]
