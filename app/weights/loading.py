"""Load a checkpoint by its path: look at its header, ask who it belongs to, and let that family load it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import psutil

from app.contracts import LoadedModel, LoadOptions, ModelFamily
from app.errors import ModelFileError, NotFoundError
from app.values.model import CHECKPOINT_KIND, ModelRecord
from app.weights.cache import CacheLimits, Load
from app.weights.index import ModelIndex

logger = logging.getLogger(__name__)
MEMORY_SHARE = 0.7


class Families(Protocol):
    """A lookup of the registered families."""

    def find(self, name: str) -> ModelFamily | None:
        """The family of that id."""
        ...


def family_of(record: ModelRecord, families: Families) -> ModelFamily:
    """The family that can load the file; raises ModelFileError that says why there is none."""
    if record.identity is None or record.problem:
        raise ModelFileError(record.problem or f"{record.name}: not a known model file.", field="checkpoint")
    family = families.find(record.identity.family)
    if family is None or family.kind != record.identity.kind:
        title = record.identity.title or record.identity.family
        raise ModelFileError(f"{record.name}: {title}: no installed extension loads it as a checkpoint.", field="checkpoint")
    return family


def checkpoint_loader(index: ModelIndex, families: Families, folder_kind: str = CHECKPOINT_KIND) -> Load:
    """A loader for ModelCache; what a family learns while it loads a file is remembered as facts of the file."""

    def load(path: str, options: LoadOptions) -> LoadedModel:
        record = index.find(folder_kind, path)
        if record is None:
            raise NotFoundError(f"{Path(path).name}: no such checkpoint.", field="checkpoint")
        family = family_of(record, families)
        options = replace(options, learn=lambda name, value: index.put_fact(record, name, value))
        started = time.monotonic()
        model = family.load(record, index.header(record), options)
        logger.info("Loaded %s in %.1f s (%s, %s).", record.name, time.monotonic() - started, model.device, model.dtype)
        return model

    return load


def memory_limits(models: Callable[[], int]) -> Callable[[], CacheLimits]:
    """Limits for ModelCache: ``models`` checkpoints (read each time), and a share of this machine's memory."""

    def limits() -> CacheLimits:
        return CacheLimits(max(1, models()), int(psutil.virtual_memory().total * MEMORY_SHARE))

    return limits
