"""LoKr: the Kronecker product of two matrices, each whole or of low rank (KronA, Edalati et al. 2022, arXiv:2212.10650)."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from app.api import UserError
from extensions.lora.api import Difference, LayerChange, Parts, Target, named_parts, number_of, scale_of
from extensions.lycoris.tucker import product, product_shape

FIRST, SECOND = "lokr_w1", "lokr_w2"


def read(parts: Parts, target: Target) -> LayerChange | None:
    """A LoKr; with both factors whole it has no rank, and alpha means nothing."""
    if not (_has(parts, FIRST) and _has(parts, SECOND)):
        return None
    shapes = _shape(parts, FIRST, target), _shape(parts, SECOND, target)
    if len(shapes[0]) != 2 or len(shapes[1]) < 2:
        raise UserError(f"{target.name}: a LoKr of {shapes[0]} and {shapes[1]} is none.")
    if math.prod((*shapes[0], *shapes[1])) != math.prod(target.shape) or shapes[0][0] * shapes[1][0] != target.shape[0]:
        raise UserError(f"{target.name} has the shape {target.shape}, which this LoKr of {shapes[0]} and {shapes[1]} does not make.")
    if _rank(parts):
        scale = scale_of(parts, _rank(parts), target)
    else:
        scale = number_of(parts, "scale", target) if "scale" in parts else 1.0

    def delta(weight: Tensor) -> Tensor:
        first, second = _factor(parts, FIRST, weight), _factor(parts, SECOND, weight)
        first = first.view(*first.shape, *[1] * (second.ndim - 2))
        return torch.kron(first, second.contiguous()) * scale

    return Difference(delta, named_parts(parts, *_names(parts, FIRST), *_names(parts, SECOND), "alpha", "scale"))


def _has(parts: Parts, name: str) -> bool:
    return name in parts or (f"{name}_a" in parts and f"{name}_b" in parts)


def _names(parts: Parts, name: str) -> tuple[str, ...]:
    """The parts that a factor is made of: itself, or two or three small ones."""
    return (name,) if name in parts else (f"{name}_a", f"{name}_b", f"lokr_t{name[-1]}")


def _rank(parts: Parts) -> int:
    """Of the last low-rank factor; 0 where both are whole."""
    for name in (SECOND, FIRST):
        if name not in parts:
            return int(parts[f"{name}_b"].shape[0])
    return 0


def _factor(parts: Parts, name: str, like: Tensor) -> Tensor:
    if name in parts:
        return parts[name].to(like)
    core = parts.get(f"lokr_t{name[-1]}")
    return product(parts[f"{name}_a"].to(like), parts[f"{name}_b"].to(like), None if core is None else core.to(like))


def _shape(parts: Parts, name: str, target: Target) -> tuple[int, ...]:
    if name in parts:
        return tuple(parts[name].shape)
    return product_shape(parts[f"{name}_a"], parts[f"{name}_b"], parts.get(f"lokr_t{name[-1]}"), target)
