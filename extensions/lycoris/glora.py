"""GLoRA: a low-rank difference, and one that depends on the weights themselves (Chavan et al. 2023, arXiv:2306.07967)."""

from __future__ import annotations

from torch import Tensor

from app.api import UserError
from extensions.lora.api import Difference, LayerChange, Parts, Target, scale_of

NEEDED = ("a1.weight", "a2.weight", "b1.weight", "b2.weight")


def read(parts: Parts, target: Target) -> LayerChange | None:
    """A GLoRA of a linear layer; its alpha means nothing, as in A1111."""
    if not all(name in parts for name in NEEDED):
        return None
    if len(target.shape) != 2 or parts["b2.weight"].shape[0] != target.shape[0] or parts["a2.weight"].shape[0] != target.shape[1]:
        raise UserError(f"{target.name} has the shape {target.shape}, which this GLoRA does not make")
    scale = scale_of({name: tensor for name, tensor in parts.items() if name != "alpha"}, 1)

    def delta(weight: Tensor) -> Tensor:
        first_a, second_a, first_b, second_b = (parts[name].to(weight) for name in NEEDED)
        return (second_b @ first_b + weight @ second_a @ first_a) * scale

    return Difference(delta)
