"""Products of small matrices, with a core between them in the Tucker form."""

from __future__ import annotations

import torch
from torch import Tensor

from app.api import UserError
from extensions.lora.api import Target


def product_shape(left: Tensor, right: Tensor, core: Tensor | None, target: Target) -> tuple[int, ...]:
    """That of ``product``; raises UserError where the three do not go together."""
    if left.ndim == right.ndim == 2:
        if core is None and left.shape[1] == right.shape[0]:
            return left.shape[0], right.shape[1]
        if core is not None and core.ndim >= 2 and (left.shape[0], right.shape[0]) == core.shape[:2]:
            return left.shape[1], right.shape[1], *core.shape[2:]
    shapes = " and ".join(str(tuple(tensor.shape)) for tensor in (left, right, core) if tensor is not None)
    raise UserError(f"{target.name}: {shapes} cannot be multiplied.")


def product(left: Tensor, right: Tensor, core: Tensor | None) -> Tensor:
    """``left`` (out, r) · ``right`` (r, in); with a ``core`` (r, s, ...): left (r, out), right (s, in) -> (out, in, ...)."""
    if core is None:
        return left @ right
    return torch.einsum("rs...,ro,si->oi...", core, left, right)
