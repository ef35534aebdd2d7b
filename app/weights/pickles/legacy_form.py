"""torch's form before 1.6: five pickles one after another, then the storages, each with its length in front."""

from __future__ import annotations

from typing import BinaryIO

from app.weights.pickles import limits
from app.weights.pickles.opcodes import run_pickle, run_with_storages
from app.weights.pickles.refusal import Damaged
from app.weights.pickles.source import Source
from app.weights.pickles.tree import plain_tree
from app.weights.pickles.values import PickleFile, Plain, Region

MAGIC = 0x1950A86A20F9469CFC6C
VERSION = 1001
_LENGTH_BYTES = 8


def read_legacy(file: BinaryIO, size: int) -> PickleFile:
    """Read the tree and find the storages; raises Unsafe, Damaged."""
    source = Source(file, min(size, limits.MAX_PICKLE_BYTES))
    file.seek(0)
    if run_pickle(source) != MAGIC:
        raise Damaged("is a pickle, but not one that torch has written")
    if run_pickle(source) != VERSION:
        raise Damaged("is in a form of torch that is not known")
    run_pickle(source)  # facts about the machine that wrote it, which torch does not use either
    value, item_bytes = run_with_storages(source)
    keys = plain_tree(run_pickle(source))
    return PickleFile(plain_tree(value), _regions(file, size, keys, item_bytes))


def _regions(file: BinaryIO, size: int, keys: Plain, item_bytes: dict[str, int]) -> dict[str, Region]:
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys) or len(set(keys)) != len(keys):
        raise Damaged("has no list of its storages")
    regions: dict[str, Region] = {}
    position = file.tell()
    for key in keys:
        if key not in item_bytes:
            raise Damaged("has a storage that nothing refers to, so that its length is unknown")
        file.seek(position)
        count = int.from_bytes(file.read(_LENGTH_BYTES), "little")
        length = count * item_bytes[key]
        position += _LENGTH_BYTES
        if position + length > size:
            raise Damaged(f"is cut short: its storages need {position + length:,} bytes, it has {size:,}")
        regions[key] = Region(position, length, length)
        position += length
    if position != size:
        raise Damaged(f"has {size - position:,} bytes behind its last storage")
    return regions
