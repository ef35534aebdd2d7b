"""Weights and pictures by a formula, so that another program can make the same ones."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray


def weights_of(shapes: Mapping[str, Sequence[int]]) -> dict[str, NDArray[np.float32]]:
    """Arrays of these shapes; each name has other values."""
    return {name: _noise(zlib.crc32(name.encode()) % 1000, shape) for name, shape in shapes.items()}


def _noise(start: int, shape: Sequence[int]) -> NDArray[np.float32]:
    count = int(np.prod(shape))
    size = 3 / max(1.0, float(np.prod(shape[1:]))) ** 0.5
    noise = np.sin(np.arange(count) * 12.9898 + start) * 43758.5453 % 1.0 - 0.5
    return (noise * size).astype(np.float32).reshape(tuple(shape))


def picture(height: int, width: int) -> NDArray[np.float32]:
    """(h, w, 3) in 0..1."""
    return (np.sin(np.arange(height * width * 3) * 0.7) * 0.5 + 0.5).astype(np.float32).reshape(height, width, 3)
