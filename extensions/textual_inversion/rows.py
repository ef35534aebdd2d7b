"""Tensors of files as lists of vectors."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from app.api import UserError


def rows_of(tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Tensors as lists of vectors (n, width) in float32; raises UserError for numbers that are not finite."""
    rows = tuple(tensor.detach().float().reshape(-1, tensor.shape[-1]) for tensor in tensors)
    if not all(bool(torch.isfinite(one).all()) for one in rows):
        raise UserError("some of its numbers are infinite or not a number")
    return rows
