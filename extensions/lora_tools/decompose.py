"""The best LoRA of a given rank for a difference of weights: its singular value decomposition, cut off (Eckart and Young 1936)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

EXACT_BELOW = 300
"""Matrices with a side up to this are decomposed exactly; others by a random projection (Halko et al. 2011) where the rank is small."""
ROUNDS, SPARE = 4, 16


@dataclass(frozen=True)
class LowRankPair:
    """``up`` (out, rank, ...) and ``down`` (rank, in, ...) whose product is near the difference; ``left`` is the share that is lost."""

    up: Tensor
    down: Tensor
    left: float


def decompose(difference: Tensor, rank: int, clamp_quantile: float) -> LowRankPair:
    """Of a matrix (out, in) or a convolution's weight (out, in, height, width), float32; ``rank`` is lowered to what is possible."""
    matrix = difference.flatten(1)
    rank = min(rank, *matrix.shape)
    left, sizes, right = _svd(matrix, rank)
    up, down = left[:, :rank] * sizes[:rank], right[:rank]
    whole = float(matrix.square().sum())
    lost = max(0.0, 1 - float(sizes[:rank].square().sum()) / whole) if whole else 0.0
    if clamp_quantile < 1:
        limit = _quantile(up, down, clamp_quantile)
        up, down = up.clamp(-limit, limit), down.clamp(-limit, limit)
    if difference.ndim == 4:
        up = up.reshape(*up.shape, 1, 1)
        down = down.reshape(rank, *difference.shape[1:])
    return LowRankPair(up.contiguous(), down.contiguous(), lost)


def _svd(matrix: Tensor, rank: int) -> tuple[Tensor, Tensor, Tensor]:
    """(U, S, V transposed); equal arguments give equal results."""
    smallest = min(matrix.shape)
    if smallest <= EXACT_BELOW or 3 * (rank + SPARE) > smallest:
        left, sizes, right = torch.linalg.svd(matrix, full_matrices=False)
        return left, sizes, right
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        left, sizes, right = torch.svd_lowrank(matrix, q=rank + SPARE, niter=ROUNDS)
    return left, sizes, right.T


def _quantile(up: Tensor, down: Tensor, share: float) -> float:
    """The quantile of all numbers of both, as kohya's extraction takes it (``torch.quantile`` takes no more than 16 million)."""
    together = torch.cat([up.flatten(), down.flatten()])
    position = min(together.numel(), max(1, round(share * (together.numel() - 1)) + 1))
    return abs(float(together.kthvalue(position).values))
