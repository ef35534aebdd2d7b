"""The formula: element ``i`` of the tensor ``name`` is an integer hash of both, as a number from -1 to 1."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
_STEP, _SEED = 0x9E3779B1, 0x85EBCA77
_MIX = ((16, 0x7FEB352D), (15, 0x846CA68B))
"""Shifts and multipliers of the hash; all arithmetic is modulo 2^32."""
_MASK = 0xFFFFFFFF


def uniform(name: str, count: int, start: int = 0) -> Floats:
    """``count`` values of a tensor from element ``start`` on, row-major; exact in float32, -1 <= value < 1."""
    offset = np.uint32(zlib.crc32(name.encode()) * _SEED & _MASK)
    state = np.arange(start, start + count, dtype=np.uint32)
    state *= np.uint32(_STEP)
    state += offset
    for shift, factor in _MIX:
        state ^= state >> np.uint32(shift)
        state *= np.uint32(factor)
    state ^= state >> np.uint32(16)
    values: Floats = (state >> np.uint32(8)).astype(np.float32)
    values *= np.float32(2.0**-23)
    values -= np.float32(1.0)
    return values
