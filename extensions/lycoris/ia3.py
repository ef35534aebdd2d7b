"""(IA)³: rows or columns of the weights are stretched (Liu et al. 2022, arXiv:2205.05638)."""

from __future__ import annotations

from torch import Tensor

from app.api import UserError
from extensions.lora.api import Difference, LayerChange, Parts, Target, named_parts, number_of


def read(parts: Parts, target: Target) -> LayerChange | None:
    """An IA3 on the outputs or, with ``on_input``, the inputs of a linear layer."""
    if "weight" not in parts or "on_input" not in parts:
        return None
    stretch, on_input = parts["weight"], bool(number_of(parts, "on_input", target))
    if len(target.shape) != 2 or stretch.numel() != target.shape[1 if on_input else 0]:
        raise UserError(f"an IA3 of {stretch.numel()} numbers cannot stretch {target.name} of the shape {target.shape}")

    def delta(weight: Tensor) -> Tensor:
        return weight * stretch.to(weight).reshape((1, -1) if on_input else (-1, 1))

    return Difference(delta, named_parts(parts, "weight", "on_input", "alpha"))
