"""Which tokens are merged and how they come back: Token Merging for Stable Diffusion (Bolya and Hoffman 2023, arXiv:2303.17604)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Merging:
    """Places in a sequence: ``kept`` (B, K) stay, ``merged`` (B, M) go into ``into`` (B, M), which counts ``destinations`` (D,)."""

    destinations: Tensor
    kept: Tensor
    merged: Tensor
    into: Tensor

    def merge(self, tokens: Tensor) -> Tensor:
        """(B, N, C) -> (B, K + D, C): those kept, then the destinations averaged with what was merged into them."""
        averaged = tokens[:, self.destinations].scatter_reduce(1, _wide(self.into, tokens), _take(tokens, self.merged), reduce="mean")
        return torch.cat([_take(tokens, self.kept), averaged], dim=1)

    def unmerge(self, tokens: Tensor) -> Tensor:
        """(B, K + D, C) -> (B, N, C): everybody merged gets what became of its destination."""
        count, (batch, length, width) = self.kept.shape[1], tokens.shape
        destinations = tokens[:, count:]
        result = tokens.new_empty(batch, length + self.merged.shape[1], width)
        result[:, self.destinations] = destinations
        result.scatter_(1, _wide(self.kept, tokens), tokens[:, :count])
        return result.scatter_(1, _wide(self.merged, tokens), _take(destinations, self.into))


def find_merging(tokens: Tensor, height: int, width: int, ratio: float) -> Merging | None:
    """The ``ratio`` of the tokens (B, height * width, C) that is most like the top left one of some 2x2 square; None for none."""
    places = torch.arange(height * width, device=tokens.device).view(height, width)
    top_left = torch.zeros_like(places, dtype=torch.bool)
    top_left[: height // 2 * 2 : 2, : width // 2 * 2 : 2] = True
    destinations, sources = places[top_left], places[~top_left]
    count = min(len(sources), int(height * width * ratio))
    if not len(destinations) or not count:
        return None
    unit = tokens / tokens.norm(dim=-1, keepdim=True)
    similarity, nearest = (unit[:, sources] @ unit[:, destinations].transpose(1, 2)).max(dim=-1)
    order = similarity.argsort(dim=-1, descending=True, stable=True)
    return Merging(destinations, sources[order[:, count:]], sources[order[:, :count]], nearest.gather(1, order[:, :count]))


def _wide(indices: Tensor, tokens: Tensor) -> Tensor:
    return indices[..., None].expand(-1, -1, tokens.shape[-1])


def _take(tokens: Tensor, indices: Tensor) -> Tensor:
    return tokens.gather(1, _wide(indices, tokens))
