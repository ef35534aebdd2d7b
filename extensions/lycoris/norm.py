"""Differences of the weights and biases of normalisations."""

from __future__ import annotations

from app.api import UserError
from extensions.lora.api import Difference, LayerChange, Parts, Target


def read(parts: Parts, target: Target) -> LayerChange | None:
    """``w_norm`` and ``b_norm``."""
    if "w_norm" not in parts or "b_norm" not in parts:
        return None
    weight = parts["w_norm"]
    if tuple(weight.shape) != target.shape:
        raise UserError(f"{target.name} has the shape {target.shape}, its difference {tuple(weight.shape)}")
    return Difference(lambda norm: weight.to(norm), parts["b_norm"])
