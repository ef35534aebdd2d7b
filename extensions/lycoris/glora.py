"""GLoRA: a low-rank difference, and one that depends on the weights themselves (Chavan et al. 2023, arXiv:2306.07967)."""

from __future__ import annotations

from torch import Tensor

from app.api import UserError
from extensions.lora.api import Difference, LayerChange, Parts, Target, named_parts, scale_of

NEEDED = ("a1.weight", "a2.weight", "b1.weight", "b2.weight")


def read(parts: Parts, target: Target) -> LayerChange | None:
    """A GLoRA of a linear layer; its alpha means nothing, as in A1111."""
    if not all(name in parts for name in NEEDED):
        return None
    first_a, second_a, first_b, second_b = (tuple(parts[name].shape) for name in NEEDED)
    are_matrices = len(target.shape) == len(first_a) == len(second_a) == len(first_b) == len(second_b) == 2
    if not are_matrices or first_a[::-1] != second_a or second_a[0] != target.shape[1] or _product(second_b, first_b) != target.shape:
        raise UserError(f"{target.name} has the shape {target.shape}, which this GLoRA does not make")
    scale = scale_of({name: tensor for name, tensor in parts.items() if name != "alpha"}, 1, target)

    def delta(weight: Tensor) -> Tensor:
        a1, a2, b1, b2 = (parts[name].to(weight) for name in NEEDED)
        return (b2 @ b1 + weight @ a2 @ a1) * scale

    return Difference(delta, named_parts(parts, *NEEDED, "alpha", "scale"))


def _product(left: tuple[int, ...], right: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of a product of two matrices; () where there is none."""
    return (left[0], right[1]) if left[1] == right[0] else ()
