"""Keeps the LoRA files that were read last, for each model in memory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from app.api import LoadedModel, ModelRecord, Newest, StashKey, load_tensors
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
        self._networks: WeakKeyDictionary[LoadedModel, Newest[NetworkKey, Network]] = WeakKeyDictionary()

    def read(self, record: ModelRecord, model: LoadedModel, kinds: Sequence[LayerKind], rank: int | None) -> Network:
        """The file, read for this model; raises ModelFileError."""
        key = (record.path, record.size_bytes, record.mtime_ns, rank)
        return self._networks.setdefault(model, Newest(KEPT)).get(
            key, lambda: read_network(load_tensors(Path(record.path)), self.place(model), kinds, rank)
        )

    def place(self, model: LoadedModel) -> Place:
        """The model's layers."""
        if model not in self._places:
            modules = model.modules()
            self._places[model] = Place(LayerNames(modules), modules)
        return self._places[model]


LIBRARY = StashKey[Library]("read LoRA files")


def library(host: Host) -> Library:
    """The host's library."""
    made: Library = host.stash.made(LIBRARY, Library)
    return made
