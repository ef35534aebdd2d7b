"""Loaded models of a worker: kept while memory allows, the longest unused evicted first, never one that is in use."""

from __future__ import annotations

import gc
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from app.contracts import LoadedModel, LoadOptions
from app.errors import NotFoundError
from app.weights.store import FileKey

logger = logging.getLogger(__name__)
Load = Callable[[str, LoadOptions], LoadedModel]
CacheKey = tuple[FileKey, LoadOptions]


@dataclass(frozen=True)
class CacheLimits:
    """At most ``models`` checkpoints, and together at most ``memory_bytes`` of weights (one is always allowed)."""

    models: int
    memory_bytes: int


@dataclass
class _Entry:
    model: LoadedModel
    pins: int = 0


class ModelCache:
    """LRU of loaded models; used by one thread, the worker's.

    A new model is loaded before an old one is dropped when memory allows it, so that a failed load leaves the old one in place.
    """

    def __init__(self, load: Load, limits: Callable[[], CacheLimits]) -> None:
        self._load = load
        self._limits = limits
        self._entries: OrderedDict[CacheKey, _Entry] = OrderedDict()

    @contextmanager
    def pin(self, path: str, options: LoadOptions) -> Iterator[LoadedModel]:
        """Load the model, or find it, and keep it until the context ends; raises ModelFileError, NotFoundError."""
        entry = self._get(path, options)
        entry.pins += 1
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
        for key in [key for key, entry in self._entries.items() if not entry.pins]:
            del self._entries[key]
        gc.collect()

    def _get(self, path: str, options: LoadOptions) -> _Entry:
        key = _cache_key(path, options)
        entry = self._entries.get(key)
        if entry is None:
            if psutil.virtual_memory().available < 2 * key[0].size_bytes:
                self._shrink(CacheLimits(0, 0))
            entry = _Entry(self._load(path, options))
            self._entries[key] = entry
        self._entries.move_to_end(key)
        entry.pins += 1
        try:
            self._shrink(self._limits())
        finally:
            entry.pins -= 1
        return entry

    def _shrink(self, limits: CacheLimits) -> None:
        """Evict unused models, the longest unused first, until the rest fits."""
        for key in [key for key, entry in self._entries.items() if not entry.pins]:
            total = sum(entry.model.memory_bytes for entry in self._entries.values())
            if len(self._entries) <= limits.models and total <= limits.memory_bytes:
                return
            logger.info("Dropping %s from memory.", Path(key[0].path).name)
            del self._entries[key]
            gc.collect()


def _cache_key(path: str, options: LoadOptions) -> CacheKey:
    try:
        stat = Path(path).stat()
    except OSError as error:
        raise NotFoundError(f"{Path(path).name}: the checkpoint file is gone.", hint="Choose another one.") from error
    silent = replace(options, report=LoadOptions.report)
    return FileKey(path, stat.st_size, stat.st_mtime_ns), silent
