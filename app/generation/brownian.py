"""Brownian paths for samplers of stochastic equations: one tree of normals per picture, the same at every step size.

A path over an interval is refined by halving (Lévy's construction): the middle of each piece is the mean of its ends plus noise of a
node's own seed. The seeds are derived as torchsde 0.2.6 does (Kidger et al. 2021, arXiv:2105.13493), so pictures drawn with it repeat.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

DECIMALS = 6
"""Points are rounded to so many digits."""
POOL_WORDS = 24
REMEMBERED = 3
"""A sampler asks for a few points again and again: where the step begins, its middle, its end."""
Normal = Callable[[int], Tensor]
"""The float32 normals of a seed."""


@dataclass
class _Piece:
    """A piece of the path: its ends, its place in the tree, where the path is at its start and how far it goes, in float64.

    ``half``: the middle and the increment up to there; ``child``: the half through which the last descent went. Both come when needed.
    """

    start: float
    end: float
    number: int
    depth: int
    at_start: Tensor
    increment: Tensor
    half: tuple[float, Tensor] | None = None
    child: _Piece | None = None


class BrownianPath:
    """One path over the sigmas from ``start`` to ``end``, of the shape that ``normal`` gives."""

    def __init__(self, seed: int, start: float, end: float, normal: Normal) -> None:
        self._seed = seed
        self._normal = normal
        first = np.random.SeedSequence(seed, pool_size=POOL_WORDS).generate_state(1)
        increment = normal(int(first[0])).double() * math.sqrt(end - start)
        self._root = _Piece(_rounded(start), _rounded(end), 0, 0, torch.zeros_like(increment), increment)
        self._known: dict[float, Tensor] = {}

    def increment(self, start: float, end: float) -> Tensor:
        """How far the path goes from one sigma to another, float64; beyond the ends it stands still."""
        return self._at(end) - self._at(start)

    def _at(self, point: float) -> Tensor:
        """Where the path is, counted from its start."""
        point = min(max(_rounded(point), self._root.start), self._root.end)
        found = self._known.pop(point, None)
        if found is None:
            found = self._descend(point)
        self._known = {**dict(list(self._known.items())[1 - REMEMBERED :]), point: found}
        return found

    def _descend(self, point: float) -> Tensor:
        """The value at a point, by halving pieces until one begins or ends there."""
        piece = self._root
        while point != piece.start:
            if point == piece.end:
                return piece.at_start + piece.increment
            if piece.half is None:
                piece.half = self._halved(piece)
            piece = _child(piece, *piece.half, is_right=point > piece.half[0])
        return piece.at_start

    def _halved(self, piece: _Piece) -> tuple[float, Tensor]:
        """The middle of a piece, and how far the path goes up to there."""
        middle = _rounded(0.5 * (piece.end + piece.start))
        place = np.random.SeedSequence(self._seed, spawn_key=(piece.number, piece.depth), pool_size=POOL_WORDS)
        noise = self._normal(int(place.generate_state(1)[0]))
        length, before, after = piece.end - piece.start, middle - piece.start, piece.end - middle
        return middle, (piece.increment * (before / length)).add_(noise, alpha=math.sqrt(before * after / length))


def _child(piece: _Piece, middle: float, left: Tensor, *, is_right: bool) -> _Piece:
    """One half of a piece; the other one is forgotten, so that no more than one branch of the tree is kept."""
    number = 2 * piece.number + is_right
    if piece.child is None or piece.child.number != number:
        if is_right:
            ends, at_start, increment = (middle, piece.end), piece.at_start + left, piece.increment - left
        else:
            ends, at_start, increment = (piece.start, middle), piece.at_start, left
        piece.child = _Piece(*ends, number, piece.depth + 1, at_start, increment)
    return piece.child


class BrownianNoise:
    """Noise of a batch by intervals of sigma: one path (C, h, w) per picture, or a single one (B, C, h, w) for all."""

    def __init__(self, paths: Sequence[BrownianPath], like: Tensor, *, is_shared: bool = False) -> None:
        self._paths = tuple(paths)
        self._like = like
        self._is_shared = is_shared

    def between(self, sigma: Tensor, sigma_next: Tensor) -> Tensor:
        """Standard normal noise (B, C, h, w) of the way from ``sigma`` to ``sigma_next`` (0-dim), which differ."""
        start, end = float(sigma), float(sigma_next)
        increments = [path.increment(start, end) for path in self._paths]
        total = increments[0] if self._is_shared else torch.stack(increments)
        return (total / float((sigma_next - sigma).abs().sqrt())).to(self._like.dtype).to(self._like.device)


def _rounded(point: float) -> float:
    return round(point, DECIMALS)
