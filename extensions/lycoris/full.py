"""Whole differences of weights and biases."""

from __future__ import annotations

from app.api import UserError
from extensions.lora.api import Difference, LayerChange, Parts, Target


def read(parts: Parts, target: Target) -> LayerChange | None:
    """``diff``, with or without ``diff_b``; alpha means nothing."""
    if "diff" not in parts:
        return None
    difference = parts["diff"]
    if tuple(difference.shape) != target.shape:
        raise UserError(f"{target.name} has the shape {target.shape}, its difference {tuple(difference.shape)}")
    return Difference(lambda weight: difference.to(weight), parts.get("diff_b"))
