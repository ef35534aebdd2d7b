"""LoHa: the elementwise product of two low-rank matrices (FedPara, Hyeon-Woo et al. 2021, arXiv:2108.06098)."""

from __future__ import annotations

import math

from torch import Tensor

from app.api import UserError
from extensions.lora.api import Difference, LayerChange, Parts, Target, scale_of
from extensions.lycoris.tucker import product

NEEDED = ("hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b")


def read(parts: Parts, target: Target) -> LayerChange | None:
    """A LoHa, flat or with Tucker cores."""
    if not all(name in parts for name in NEEDED):
        return None
    scale = scale_of(parts, parts["hada_w1_b"].shape[0])

    def delta(weight: Tensor) -> Tensor:
        def factor(number: int) -> Tensor:
            core = parts.get(f"hada_t{number}")
            left, right = parts[f"hada_w{number}_a"].to(weight), parts[f"hada_w{number}_b"].to(weight)
            return product(left, right, None if core is None else core.to(weight))

        return factor(1) * factor(2) * scale

    if _size(parts) != math.prod(target.shape):
        raise UserError(f"{target.name} has the shape {target.shape}, which this LoHa does not make.")
    return Difference(delta)


def _size(parts: Parts) -> int:
    core, left, right = parts.get("hada_t1"), parts["hada_w1_a"], parts["hada_w1_b"]
    if core is None:
        return left.shape[0] * right.shape[1]
    return left.shape[1] * right.shape[1] * core[0, 0].numel()
