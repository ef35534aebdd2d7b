"""Renders the training pictures once into a memory-mapped array on disk."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .dataset import sample_scene
from .renderer import NATIVE_SIZE_PX, render

logger = logging.getLogger(__name__)


def rendered_pictures(folder: Path, count: int) -> NDArray[np.uint8]:
    """The first `count` training pictures, uint8 (count, 128, 128, 3); rendered by the first call, then mapped."""
    path = folder / f"pictures-{count}.npy"
    if not path.exists():
        partial = path.with_suffix(".partial.npy")
        shape = (count, NATIVE_SIZE_PX, NATIVE_SIZE_PX, 3)
        pictures = np.lib.format.open_memmap(partial, mode="w+", dtype=np.uint8, shape=shape)
        for seed in range(count):
            pictures[seed] = np.asarray(render(sample_scene(seed)))
            if seed % 5000 == 0:
                logger.info("rendered %d of %d pictures", seed, count)
        pictures.flush()
        partial.rename(path)
    mapped: NDArray[np.uint8] = np.load(path, mmap_mode="r")
    return mapped
