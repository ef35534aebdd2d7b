"""The arithmetic of a merge, on one tensor at a time and in float32 (float64 where a file has it)."""

from __future__ import annotations

import torch
from torch import Tensor


def weighted_sum(first: Tensor, second: Tensor, multiplier: float) -> Tensor:
    """A (1 - M) + B M; may change its arguments, all of one shape."""
    return _wide(first).mul_(1 - multiplier).add_(_wide(second), alpha=multiplier)


def add_difference(first: Tensor, second: Tensor, third: Tensor, multiplier: float) -> Tensor:
    """A + (B - C) M; may change its arguments, all of one shape."""
    return _wide(first).add_(_wide(second).sub_(_wide(third)), alpha=multiplier)


def merge_channels(first: Tensor, merged: Tensor) -> Tensor:
    """A (out, many, h, w) with its first channels from ``merged`` (out, few, h, w)."""
    whole = first.to(merged.dtype, copy=True)
    whole[:, : merged.shape[1]] = merged
    return whole


def _wide(tensor: Tensor) -> Tensor:
    return tensor if tensor.dtype is torch.float64 else tensor.float()
