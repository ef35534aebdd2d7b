"""Loaded models of a worker: kept while memory allows, the longest unused evicted first, never one that is in use."""

from __future__ import annotations

import gc
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import psutil

from app.contracts import LoadedModel, LoadOptions, Offload
from app.errors import NotFoundError
from app.memory import give_back
from app.weights.offloading import TOLD, next_offload
from app.weights.store import FileKey

logger = logging.getLogger(__name__)
Load = Callable[[str, LoadOptions], LoadedModel]
CacheKey = tuple[FileKey, LoadOptions]
WORKING_BYTES = 1 << 30
"""What a device needs beside the weights of a model that is loaded onto it."""


class DeviceMemory(Protocol):
    """The memory of the devices that models are loaded onto."""

    def free_bytes(self, device: str) -> int | None:
        """Free bytes of a device that has memory of its own; None for others."""
        ...

    def is_exhausted(self, error: BaseException) -> bool:
        """True for an error that says that there is not enough memory."""
        ...


class HostMemoryOnly:
    """Where every model lies in the memory of the machine itself."""

    def free_bytes(self, device: str) -> int | None:
        """There is no other memory."""
        return None

    def is_exhausted(self, error: BaseException) -> bool:
        """By Python's own error."""
        return isinstance(error, MemoryError)


@dataclass(frozen=True)
class CacheLimits:
    """At most ``models`` checkpoints, and together at most ``memory_bytes`` of weights (one is always allowed)."""

    models: int
    memory_bytes: int


@dataclass
class _Entry:
    """``offload``: as it was asked for; more of it rests in main memory now if the device's was not enough."""

    model: LoadedModel
    offload: Offload
    pins: int = 0


class ModelCache:
    """LRU of loaded models; used by one thread, the worker's.

    A new model is loaded before an old one is dropped when memory allows it, so that a failed load leaves the old one in place.
    When memory runs out while a model is loaded, all others that are not in use are dropped, then less and less of it is kept on the
    device; that is told whenever the model is used.
    """

    def __init__(self, load: Load, limits: Callable[[], CacheLimits], memory: DeviceMemory | None = None) -> None:
        self._load = load
        self._limits = limits
        self._memory = memory or HostMemoryOnly()
        self._entries: OrderedDict[CacheKey, _Entry] = OrderedDict()

    @contextmanager
    def pin(self, path: str, options: LoadOptions) -> Iterator[LoadedModel]:
        """Load the model, or find it, and keep it until the context ends; raises ModelFileError, NotFoundError."""
        entry = self._get(path, options)
        entry.pins += 1
        if entry.model.offload != entry.offload:
            options.comment(TOLD[entry.model.offload])
        try:
            yield entry.model
        finally:
            entry.pins -= 1

    @property
    def paths(self) -> tuple[str, ...]:
        """Files of the models in memory, the longest unused first."""
        return tuple(key[0].path for key in self._entries)

    def clear(self) -> None:
        """Drop every model that is not in use."""
        for key in self._unused():
            self._drop(key)

    def _get(self, path: str, options: LoadOptions) -> _Entry:
        key = _cache_key(path, options)
        entry = self._entries.get(key)
        if entry is None:
            if psutil.virtual_memory().available < 2 * key[0].size_bytes:
                self._shrink(CacheLimits(0, 0))
            self._make_room(options.device, key[0].size_bytes + WORKING_BYTES)
            entry = self._load_or_retry(path, options)
            self._entries[key] = entry
        self._entries.move_to_end(key)
        entry.pins += 1
        try:
            self._shrink(self._limits())
        finally:
            entry.pins -= 1
        return entry

    def _make_room(self, device: str, wanted_bytes: int) -> None:
        """Evict unused models, the longest unused first, until the device has room or there are none."""
        for key in self._unused():
            free = self._memory.free_bytes(device)
            if free is None or free >= wanted_bytes:
                return
            self._drop(key)

    def _load_or_retry(self, path: str, options: LoadOptions) -> _Entry:
        name, tried = Path(path).name, options
        while True:
            try:
                model = self._load(path, tried)
            except (RuntimeError, MemoryError) as error:
                following = next_offload(tried.offload, tried.device)
                if not self._memory.is_exhausted(error) or not (self._unused() or following):
                    raise
            else:
                return _Entry(model, model.offload if tried is options else options.offload)
            if self._unused():
                logger.warning("%s did not fit into memory beside others, which are dropped.", name)
                self.clear()
            elif following:
                logger.warning("%s did not fit into the memory of %s. %s", name, tried.device, TOLD[following])
                tried = replace(tried, offload=following)
                gc.collect()
                give_back(tried.device)

    def _unused(self) -> list[CacheKey]:
        return [key for key, entry in self._entries.items() if not entry.pins]

    def _drop(self, key: CacheKey) -> None:
        logger.info("Dropping %s from memory.", Path(key[0].path).name)
        del self._entries[key]
        gc.collect()
        give_back(key[1].device)

    def _shrink(self, limits: CacheLimits) -> None:
        """Evict unused models, the longest unused first, until the rest fits."""
        for key in self._unused():
            total = sum(entry.model.memory_bytes for entry in self._entries.values())
            if len(self._entries) <= limits.models and total <= limits.memory_bytes:
                return
            self._drop(key)


def _cache_key(path: str, options: LoadOptions) -> CacheKey:
    try:
        stat = Path(path).stat()
    except OSError as error:
        raise NotFoundError(f"{Path(path).name}: the checkpoint file is gone.", hint="Choose another one.") from error
    plain = LoadOptions
    silent = replace(options, report=plain.report, learn=plain.learn, measured=plain.measured, comment=plain.comment)
    return FileKey(path, stat.st_size, stat.st_mtime_ns), silent
