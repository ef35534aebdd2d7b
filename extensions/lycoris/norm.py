"""Differences of the weights and biases of normalisations."""

from __future__ import annotations

from app.api import UserError
from extensions.lora.api import Difference, LayerChange, Parts, Target, named_parts
from extensions.lycoris.full import checked_bias


def read(parts: Parts, target: Target) -> LayerChange | None:
    """``w_norm`` and ``b_norm``."""
    if "w_norm" not in parts or "b_norm" not in parts:
        return None
    weight = parts["w_norm"]
    if tuple(weight.shape) != target.shape:
        raise UserError(f"{target.name} has the shape {target.shape}, its difference {tuple(weight.shape)}")
    bias = checked_bias(parts, "b_norm", target)
    return Difference(lambda norm: weight.to(norm), named_parts(parts, "w_norm", "b_norm", "alpha"), bias)
