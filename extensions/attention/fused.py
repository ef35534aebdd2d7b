"""PyTorch's own attention: one fused kernel where the device has one."""

from __future__ import annotations

from torch import Tensor, nn


def attention(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
    """softmax(q k' / sqrt(D) + mask) v for q (B, H, N, D), k (B, H, M, D), v (B, H, M, E)."""
    return nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
