"""Keeps the LoRA files that were read last, for each model in memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from app.api import LoadedModel, ModelRecord, StashKey, load_tensors
from extensions.lora.api import LayerKind
from extensions.lora.keys import LayerNames
from extensions.lora.network import Network, Place, read_network

if TYPE_CHECKING:
    from app.api import Host

KEPT = 16
NetworkKey = tuple[str, int, int, int | None]


class Library:
    """The files that were read for the models in memory; the newest are kept (their tensors are views of the mapped files)."""

    def __init__(self) -> None:
        self._places: WeakKeyDictionary[LoadedModel, Place] = WeakKeyDictionary()
        self._networks: WeakKeyDictionary[LoadedModel, OrderedDict[NetworkKey, Network]] = WeakKeyDictionary()

    def read(self, record: ModelRecord, model: LoadedModel, kinds: Sequence[LayerKind], rank: int | None) -> Network:
        """The file, read for this model; raises ModelFileError."""
        known = self._networks.setdefault(model, OrderedDict())
        key = (record.path, record.size_bytes, record.mtime_ns, rank)
        if key not in known:
            known[key] = read_network(load_tensors(Path(record.path)), self.place(model), kinds, rank)
        known.move_to_end(key)
        while len(known) > KEPT:
            known.popitem(last=False)
        return known[key]

    def place(self, model: LoadedModel) -> Place:
        """The model's layers."""
        if model not in self._places:
            modules = model.modules()
            self._places[model] = Place(LayerNames(modules), modules)
        return self._places[model]


LIBRARY = StashKey[Library]("read LoRA files")


def library(host: Host) -> Library:
    """The host's library."""
    found = host.stash.get(LIBRARY, None)
    if found is None:
        found = host.stash[LIBRARY] = Library()
    return found
