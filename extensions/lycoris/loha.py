"""LoHa: the elementwise product of two low-rank matrices (FedPara, Hyeon-Woo et al. 2021, arXiv:2108.06098)."""

from __future__ import annotations

import math

from torch import Tensor

from app.api import UserError
from extensions.lora.api import Difference, LayerChange, Parts, Target, named_parts, scale_of
from extensions.lycoris.tucker import product, product_shape

NEEDED = ("hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b")
CORES = ("hada_t1", "hada_t2")


def read(parts: Parts, target: Target) -> LayerChange | None:
    """A LoHa, flat or with Tucker cores."""
    if not all(name in parts for name in NEEDED):
        return None
    shapes = {product_shape(parts[f"hada_w{n}_a"], parts[f"hada_w{n}_b"], parts.get(f"hada_t{n}"), target) for n in (1, 2)}
    if len(shapes) > 1 or any(math.prod(shape) != math.prod(target.shape) or shape[0] != target.shape[0] for shape in shapes):
        raise UserError(f"{target.name} has the shape {target.shape}, which this LoHa of {sorted(shapes)} does not make.")
    scale = scale_of(parts, parts["hada_w1_b"].shape[0], target)

    def delta(weight: Tensor) -> Tensor:
        def factor(number: int) -> Tensor:
            core = parts.get(f"hada_t{number}")
            left, right = parts[f"hada_w{number}_a"].to(weight), parts[f"hada_w{number}_b"].to(weight)
            return product(left, right, None if core is None else core.to(weight))

        return factor(1) * factor(2) * scale

    return Difference(delta, named_parts(parts, *NEEDED, *CORES, "alpha", "scale"))
