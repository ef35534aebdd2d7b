"""torch's zip form of a pickled file: one folder with data.pkl, and a record data/<number> for each storage."""

from __future__ import annotations

import re
from io import BytesIO
from typing import BinaryIO

from app.weights.pickles import limits
from app.weights.pickles.opcodes import run_pickle
from app.weights.pickles.refusal import Damaged, Unsafe
from app.weights.pickles.source import Source
from app.weights.pickles.tree import plain_tree
from app.weights.pickles.values import PickleFile, Region
from app.weights.pickles.zip_records import Record, read_record, read_records, shown

PROGRAM = "data.pkl"
_STORAGE = re.compile(r"data/([0-9]+)")
_NOTE = re.compile(r"version|byteorder|\.[\w.]+(/[\w.]+)?")
"""Records that say something about the file; newer versions of torch add some that begin with a dot."""
_MAX_NOTE_BYTES = 1 << 16
_CODE = ("code/", "constants.pkl", "attributes.pkl", "constants/")


def read_zip(file: BinaryIO, size: int) -> PickleFile:
    """Read the tree and find the storages; raises Unsafe, Damaged."""
    records = read_records(file, size)
    for record in records:
        _refuse_path(record.name)
    programs = [record for record in records if record.name.rpartition("/")[2] == PROGRAM]
    if len(programs) != 1:
        raise Damaged(f"is a zip file with {len(programs) or 'no'} {PROGRAM}, and a model file has one")
    folder = programs[0].name.removesuffix(PROGRAM)
    if folder.count("/") != 1:
        raise Damaged(f"is a zip file with its {PROGRAM} in an unusual place, {shown(programs[0].name)}")
    regions: dict[str, Region] = {}
    is_big_endian = False
    for record in records:
        key = _storage_key(record, folder)
        if key is not None:
            regions[key] = record.region
        elif record.name == f"{folder}byteorder":
            is_big_endian = _is_big_endian(read_record(file, record, _MAX_NOTE_BYTES))
    program = read_record(file, programs[0], limits.MAX_PICKLE_BYTES)
    source = Source(BytesIO(program), len(program))
    tree = run_pickle(source)
    if source.left:
        raise Damaged(f"has {source.left} bytes behind the end of its {PROGRAM}")
    return PickleFile(plain_tree(tree), regions, is_big_endian)


def _refuse_path(name: str) -> None:
    parts = name.split("/")
    is_odd = "\\" in name or ":" in name or not name.isprintable() or ".." in parts or "." in parts or "" in parts[:-1]
    if is_odd or not name:
        raise Unsafe(f"has the record {shown(name)}, whose name leads out of the file")


def _storage_key(record: Record, folder: str) -> str | None:
    """The key of a storage's record, None for other records that are allowed; raises Unsafe, Damaged for the rest."""
    name = record.name.removeprefix(folder)
    if not record.name.startswith(folder):
        raise Damaged(f"has the record {shown(record.name)} beside its folder")
    storage = _STORAGE.fullmatch(name)
    if storage:
        return storage[1]
    if name == PROGRAM or (name in ("", "data/") and not record.region.size_bytes):
        return None
    if name.startswith(_CODE):
        raise Unsafe(f"contains program code ({shown(record.name)}): it is a TorchScript file")
    if not _NOTE.fullmatch(name) or record.region.size_bytes > _MAX_NOTE_BYTES:
        raise Unsafe(f"has the record {shown(record.name)}, which no model file needs")
    return None


def _is_big_endian(raw: bytes) -> bool:
    if raw not in (b"little", b"big"):
        raise Damaged("does not say in which order its bytes are")
    return raw == b"big"
