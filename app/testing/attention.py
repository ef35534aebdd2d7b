"""The check of the attention contract: equal to attention in float64, whatever the mask and the lengths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from app.contracts import Attention

if TYPE_CHECKING:
    import torch
    from torch import Tensor


ATTENTION_ERRORS = {"float32": 2e-5, "bfloat16": 4e-2, "float16": 1e-2}
"""Allowed differences from float64, for values of the order of 1."""


@dataclass(frozen=True)
class AttentionCase:
    """Sizes of an attention call: batch, heads, query rows, keys, widths; ``mask``: none, which keys, or a number for each."""

    batch: int = 2
    heads: int = 3
    rows: int = 37
    keys: int = 77
    width: int = 16
    value_width: int = 16
    mask: Literal["", "shown", "added"] = ""
    dtype: str = "float32"
    seed: int = 0


def check_attention(attention: Attention, case: AttentionCase, device: str = "cpu") -> None:
    """The result is that of attention in float64, within the error of the number format, and nothing that was given is changed."""
    import torch

    generator = torch.Generator().manual_seed(case.seed)
    dtype = getattr(torch, case.dtype)
    shapes = ((case.rows, case.width), (case.keys, case.width), (case.keys, case.value_width))
    # as the networks have them: the heads lie side by side in a row
    query, key, value = (
        torch.randn((case.batch, length, case.heads, width), generator=generator).to(device, dtype).transpose(1, 2)
        for length, width in shapes
    )
    mask = _attention_mask(case, generator, dtype)
    mask = None if mask is None else mask.to(device)
    given = [tensor.clone() for tensor in (query, key, value)]
    result = attention.load()(query, key, value, mask)
    assert result.shape == (*query.shape[:3], case.value_width), f"{attention.name} gave {tuple(result.shape)}"
    assert result.dtype is dtype, f"{attention.name} gave {result.dtype} for {dtype}"
    assert all(after.equal(before) for after, before in zip((query, key, value), given, strict=True)), "it changed what it was given"
    error = float((result.double() - _exact_attention(query, key, value, mask)).abs().max())
    assert error <= ATTENTION_ERRORS[case.dtype], f"{attention.name} is off by {error:.2g} in {case}"


def _attention_mask(case: AttentionCase, generator: torch.Generator, dtype: torch.dtype) -> Tensor | None:
    """Broadcastable to (B, H, N, M), for batch 0 other than for batch 1; the first key is always to be seen."""
    import torch

    if not case.mask:
        return None
    shape = (case.batch, 1, case.rows if case.seed % 2 else 1, case.keys)
    shown = torch.rand(shape, generator=generator) < 0.6
    shown[..., 0] = True
    if case.mask == "shown":
        return shown
    return torch.randn(shape, generator=generator).masked_fill(~shown, float("-inf")).to(dtype)


def _exact_attention(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
    import torch

    scores = query.double() @ key.double().transpose(2, 3) / query.shape[-1] ** 0.5
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf")) if mask.dtype is torch.bool else scores + mask.double()
    exact: Tensor = scores.softmax(dim=-1) @ value.double()
    return exact
