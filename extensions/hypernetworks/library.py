"""Keeps the hypernetworks that were read last."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from app.api import ModelRecord, Newest, StashKey, load_tensors, read_header
from extensions.hypernetworks.network import Pair, read_pairs

if TYPE_CHECKING:
    from app.api import Host

KEPT = 8
State = tuple[str, int, int]


class Library:
    """The newest files; their tensors are views of the mapped files where the number format allows."""

    def __init__(self) -> None:
        self._known = Newest[State, Mapping[int, Pair]](KEPT)

    def read(self, record: ModelRecord) -> Mapping[int, Pair]:
        """The networks of the file by width; raises ModelFileError."""
        path = Path(record.path)
        return self._known.get(state_of(record), lambda: read_pairs(load_tensors(path), read_header(path).metadata, record.name))


def state_of(record: ModelRecord) -> State:
    """What changes when the file does."""
    return record.path, record.size_bytes, record.mtime_ns


LIBRARY = StashKey[Library]("read hypernetworks")


def library(host: Host) -> Library:
    """The host's library."""
    made: Library = host.stash.made(LIBRARY, Library)
    return made
