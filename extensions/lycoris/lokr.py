"""LoKr: the Kronecker product of two matrices, each whole or of low rank (KronA, Edalati et al. 2022, arXiv:2212.10650)."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from app.api import UserError
from extensions.lora.api import Difference, LayerChange, Parts, Target, scale_of
from extensions.lycoris.tucker import product

FIRST, SECOND = "lokr_w1", "lokr_w2"


def read(parts: Parts, target: Target) -> LayerChange | None:
    """A LoKr; with both factors whole it has no rank, and alpha means nothing."""
    if not (_has(parts, FIRST) and _has(parts, SECOND)):
        return None
    scale = scale_of(parts, _rank(parts)) if _rank(parts) else float(parts.get("scale", torch.ones(())))

    def delta(weight: Tensor) -> Tensor:
        first, second = _factor(parts, FIRST, weight), _factor(parts, SECOND, weight)
        first = first.view(*first.shape, *[1] * (second.ndim - 2))
        return torch.kron(first, second.contiguous()) * scale

    shape = _shape(parts, FIRST), _shape(parts, SECOND)
    if math.prod((*shape[0], *shape[1])) != math.prod(target.shape) or shape[0][0] * shape[1][0] != target.shape[0]:
        raise UserError(f"{target.name} has the shape {target.shape}, which this LoKr does not make.")
    return Difference(delta)


def _has(parts: Parts, name: str) -> bool:
    return name in parts or (f"{name}_a" in parts and f"{name}_b" in parts)


def _rank(parts: Parts) -> int:
    """Of the last low-rank factor; 0 where both are whole."""
    for name in (SECOND, FIRST):
        if f"{name}_b" in parts:
            return int(parts[f"{name}_b"].shape[0])
    return 0


def _factor(parts: Parts, name: str, like: Tensor) -> Tensor:
    if name in parts:
        return parts[name].to(like)
    core = parts.get(f"lokr_t{name[-1]}")
    return product(parts[f"{name}_a"].to(like), parts[f"{name}_b"].to(like), None if core is None else core.to(like))


def _shape(parts: Parts, name: str) -> tuple[int, ...]:
    if name in parts:
        return tuple(parts[name].shape)
    core, left, right = parts.get(f"lokr_t{name[-1]}"), parts[f"{name}_a"], parts[f"{name}_b"]
    if core is None:
        return left.shape[0], right.shape[1]
    return left.shape[1], right.shape[1], *core.shape[2:]
