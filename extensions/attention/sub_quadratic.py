"""Attention in memory that does not grow with the square of the tokens: rows and keys in chunks, and a running softmax.

Rabe and Staats 2021 (arXiv:2112.05682), with the running maximum of Milakov and Gimelshein 2018 (arXiv:1805.02867). Sums are kept in
float32.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

ROWS, KEYS = 512, 1024
"""Of a chunk."""


@dataclass(frozen=True)
class _Sums:
    """What the keys so far add up to: highest score (B, H, n, 1), sum of weights (B, H, n, 1), weighted values (B, H, n, E)."""

    highest: Tensor
    weights: Tensor
    values: Tensor


def attention(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
    """softmax(q k' / sqrt(D) + mask) v for q (B, H, N, D), k (B, H, M, D), v (B, H, M, E)."""
    batch, heads, rows, width = query.shape
    keys = key.shape[2]
    mask = None if mask is None else mask.broadcast_to(batch, heads, rows, keys)
    result = query.new_empty(batch, heads, rows, value.shape[-1])
    for row in range(0, rows, ROWS):
        lines = slice(row, row + ROWS)
        part = query[:, :, lines] * width**-0.5
        result[:, :, lines] = _rows(part, key, value, None if mask is None else mask[:, :, lines])
    return result


def _rows(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
    """The result (B, H, n, E) for a chunk of scaled query rows."""
    shape = query.shape[:3]
    sums = _Sums(
        torch.full((*shape, 1), float("-inf"), device=query.device),
        torch.zeros((*shape, 1), device=query.device),
        torch.zeros((*shape, value.shape[-1]), device=query.device),
    )
    for start in range(0, key.shape[2], KEYS):
        some = slice(start, start + KEYS)
        scores = (query @ key[:, :, some].transpose(2, 3)).float()
        if mask is not None:
            scores = _masked(scores, mask[..., some])
        sums = _add(sums, scores, value[:, :, some])
    return (sums.values / sums.weights).to(query.dtype)


def _masked(scores: Tensor, mask: Tensor) -> Tensor:
    return scores.masked_fill(~mask, float("-inf")) if mask.dtype is torch.bool else scores + mask.float()


def _add(sums: _Sums, scores: Tensor, value: Tensor) -> _Sums:
    """The sums with a chunk of keys more; a row of which no key was to be seen so far has weights of zero."""
    highest = torch.maximum(sums.highest, scores.amax(dim=-1, keepdim=True))
    base = highest.clamp_min(torch.finfo(highest.dtype).min)
    weights = (scores - base).exp()
    shrink = (sums.highest - base).exp()
    return _Sums(
        highest,
        sums.weights * shrink + weights.sum(dim=-1, keepdim=True),
        sums.values * shrink + (weights.to(value.dtype) @ value).float(),
    )
