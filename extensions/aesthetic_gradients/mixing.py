"""Mixes two encodings, along a line or along arcs (Shoemake 1985)."""

from __future__ import annotations

import torch
from torch import Tensor

CHUNK_TOKENS = 77
SMALLEST_SINE = 1e-6


def mixed(own: Tensor, tuned: Tensor, weight: float, *, slerp: bool) -> Tensor:
    """Encodings (tokens, width) with so much of the second; ``slerp`` goes along an arc in each column of each chunk, as A1111 does."""
    if not slerp:
        return own * (1 - weight) + tuned * weight
    return torch.cat([slerped(a, b, weight, 0) for a, b in zip(own.split(CHUNK_TOKENS), tuned.split(CHUNK_TOKENS), strict=True)])


def slerped(low: Tensor, high: Tensor, weight: float, dim: int) -> Tensor:
    """Spherical interpolation of the vectors along ``dim``, by the angle between them; along a line where they have (almost) none."""
    low_unit, high_unit = (torch.nn.functional.normalize(tensor, dim=dim) for tensor in (low, high))
    angle = torch.acos((low_unit * high_unit).sum(dim, keepdim=True).clamp(-1, 1))
    sine = torch.sin(angle)
    arc = (torch.sin((1 - weight) * angle) * low + torch.sin(weight * angle) * high) / sine.clamp(min=SMALLEST_SINE)
    return torch.where(sine > SMALLEST_SINE, arc, low * (1 - weight) + high * weight)
