"""Whole differences of weights and biases."""

from __future__ import annotations

from torch import Tensor

from app.api import UserError
from extensions.lora.api import Difference, LayerChange, Parts, Target, named_parts


def read(parts: Parts, target: Target) -> LayerChange | None:
    """``diff``, with or without ``diff_b``; alpha means nothing."""
    if "diff" not in parts:
        return None
    difference = parts["diff"]
    if tuple(difference.shape) != target.shape:
        raise UserError(f"{target.name} has the shape {target.shape}, its difference {tuple(difference.shape)}")
    bias = checked_bias(parts, "diff_b", target)
    return Difference(lambda weight: difference.to(weight), named_parts(parts, "diff", "diff_b", "alpha"), bias)


def checked_bias(parts: Parts, name: str, target: Target) -> Tensor | None:
    """The difference of a bias (out,), None where there is none; raises UserError for another length."""
    bias = parts.get(name)
    if bias is None:
        return None
    if not target.shape or bias.numel() != target.shape[0]:
        raise UserError(f"{target.name} has {target.shape[:1]} outputs, and {name} the shape {tuple(bias.shape)}")
    return bias.reshape(-1)
