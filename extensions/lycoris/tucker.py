"""Products of small matrices, with a core between them in the Tucker form."""

from __future__ import annotations

import torch
from torch import Tensor


def product(left: Tensor, right: Tensor, core: Tensor | None) -> Tensor:
    """``left`` (out, r) · ``right`` (r, in); with a ``core`` (r, s, ...): left (r, out), right (s, in) -> (out, in, ...)."""
    if core is None:
        return left @ right
    return torch.einsum("rs...,ro,si->oi...", core, left, right)
