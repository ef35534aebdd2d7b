"""Keeps the hypernetworks that were read last."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from app.api import ModelRecord, StashKey, load_tensors, read_header
from extensions.hypernetworks.network import Pair, read_pairs

if TYPE_CHECKING:
    from app.api import Host

KEPT = 8
State = tuple[str, int, int]


class Library:
    """The newest files; their tensors are views of the mapped files where the number format allows."""

    def __init__(self) -> None:
        self._known: OrderedDict[State, Mapping[int, Pair]] = OrderedDict()

    def read(self, record: ModelRecord) -> Mapping[int, Pair]:
        """The networks of the file by width; raises ModelFileError."""
        state = state_of(record)
        if state not in self._known:
            path = Path(record.path)
            self._known[state] = read_pairs(load_tensors(path), read_header(path).metadata, record.name)
        self._known.move_to_end(state)
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        return self._known[state]


def state_of(record: ModelRecord) -> State:
    """What changes when the file does."""
    return record.path, record.size_bytes, record.mtime_ns


LIBRARY = StashKey[Library]("read hypernetworks")


def library(host: Host) -> Library:
    """The host's library."""
    found = host.stash.get(LIBRARY, None)
    if found is None:
        found = host.stash[LIBRARY] = Library()
    return found
