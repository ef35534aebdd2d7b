"""The Philox counter generator that NVIDIA's random numbers come from, computed on the CPU."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
KEY_STEPS = (np.uint32(0x9E3779B9), np.uint32(0xBB67AE85))
ROUNDS = 10
LOW_WORD = np.uint64(0xFFFFFFFF)
WORD = np.uint64(32)
UNIT = float(np.float32(2.3283064e-10))
"""2^-32 as the CUDA headers write it."""
UNIT_ANGLE = float(np.float32(2.3283064e-10 * 6.2831855))
Words = np.ndarray[tuple[int, ...], np.dtype[np.uint32]]


class PhiloxGenerator:
    """Draws what ``torch.randn`` draws on a CUDA device with this seed: one Philox counter per number, a new offset per draw.

    Philox4x32-10: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"; normals by Box and Muller (1958).
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed % 2**64
        self._offset = 0

    def normal(self, shape: Sequence[int]) -> Tensor:
        """The next float32 draw of this shape."""
        count = math.prod(shape)
        counter = np.zeros((4, count), dtype=np.uint32)
        counter[0] = self._offset
        counter[2] = np.arange(count, dtype=np.uint32)
        key = np.empty((2, count), dtype=np.uint32)
        key[0] = self._seed & 0xFFFFFFFF
        key[1] = self._seed >> 32
        self._offset += 1
        words = philox_rounds(counter, key)
        return torch.from_numpy(box_muller(words[0], words[1]).reshape(tuple(shape)))


def philox_rounds(counter: Words, key: Words) -> Words:
    """Ten rounds over ``counter`` (4, n) with ``key`` (2, n), both uint32 -> (4, n) uint32."""
    block, keys = counter.copy(), key.copy()
    with np.errstate(over="ignore"):
        for number in range(ROUNDS):
            if number:
                keys = np.stack([keys[0] + KEY_STEPS[0], keys[1] + KEY_STEPS[1]])
            left = block[0].astype(np.uint64) * MULTIPLIERS[0]
            right = block[2].astype(np.uint64) * MULTIPLIERS[1]
            block = np.stack(
                [
                    (right >> WORD).astype(np.uint32) ^ block[1] ^ keys[0],
                    (right & LOW_WORD).astype(np.uint32),
                    (left >> WORD).astype(np.uint32) ^ block[3] ^ keys[1],
                    (left & LOW_WORD).astype(np.uint32),
                ]
            )
    return block


def box_muller(first: Words, second: Words) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Two words each -> one standard normal number each."""
    uniform = first * UNIT + UNIT / 2
    angle = second * UNIT_ANGLE + UNIT_ANGLE / 2
    result: np.ndarray[tuple[int, ...], np.dtype[np.float32]] = (np.sqrt(-2.0 * np.log(uniform)) * np.sin(angle)).astype(np.float32)
    return result
