"""Applies the weights of a prompt to what the text encoder made of it, and embeddings to what it reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def apply_emphasis(
    encoded: Tensor, multipliers: Tensor | Sequence[Sequence[float]], mode: str, counts: Sequence[int] | None = None
) -> Tensor:
    """Weigh encoder output ``encoded`` (B, tokens, width) by ``multipliers`` (B, tokens).

    ``Original`` scales the result back to the mean that the whole tensor had, in which row i counts ``counts[i]`` times (None: once);
    ``No norm`` does not; ``Ignore`` and ``None`` leave it.
    """
    import torch

    if mode in ("Ignore", "None"):
        return encoded
    weights = torch.as_tensor(multipliers, dtype=encoded.dtype, device=encoded.device)
    weighted = encoded * weights.unsqueeze(-1)
    if mode == "No norm":
        return weighted
    return weighted * (_mean(encoded, counts) / _mean(weighted, counts))


def _mean(rows: Tensor, counts: Sequence[int] | None) -> Tensor:
    if counts is None or all(count == 1 for count in counts):
        return rows.mean()
    weights = rows.new_tensor(counts)
    return (rows.mean(dim=(1, 2)) * weights).sum() / weights.sum()


def insert_embeddings(inputs: Tensor, fixes: Sequence[tuple[int, Tensor]]) -> Tensor:
    """Put the vectors (n, width) of each (offset, vectors) into encoder inputs (tokens, width), one row after the offset.

    Vectors that reach past the last row are cut off.
    """
    result = inputs.clone()
    for offset, vectors in fixes:
        first = offset + 1
        count = max(0, min(len(vectors), len(result) - first))
        result[first : first + count] = vectors[:count].to(result)
    return result
