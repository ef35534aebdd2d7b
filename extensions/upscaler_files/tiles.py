"""Applies a network to a picture tile by tile, with overlaps that are blended; memory is that of a row of tiles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]
"""(h, w, C) in 0..1."""
Enlarge = Callable[[Pixels], Pixels]
"""(h, w, C) to (scale h, scale w, C)."""


@dataclass(frozen=True)
class Span:
    """Where a tile lies on one axis, in pixels of the source, and how far its beginning lies over the tile before."""

    begin: int
    end: int
    shared: int


def spans(length: int, tile: int, overlap: int) -> list[Span]:
    """Tiles of about the same length that cover an axis, neighbours sharing at least ``overlap``; ``tile`` 0: one."""
    if tile <= 0 or length <= tile:
        return [Span(0, length, 0)]
    overlap = max(0, min(overlap, tile - 1))
    count = -(-(length - overlap) // (tile - overlap))
    begins = [round(number * (length - tile) / (count - 1)) for number in range(count)]
    return [Span(begin, begin + tile, begins[number - 1] + tile - begin if number else 0) for number, begin in enumerate(begins)]


def enlarge_tiled(
    source: NDArray[np.uint8], scale: int, tile: int, overlap: int, enlarge: Enlarge, on_tile: Callable[[int, int], None]
) -> NDArray[np.uint8]:
    """Enlarge (h, w, C); ``on_tile(number, count)`` is called before each tile and may raise to end it."""
    rows, columns = spans(source.shape[0], tile, overlap), spans(source.shape[1], tile, overlap)
    result = np.empty((source.shape[0] * scale, source.shape[1] * scale, source.shape[2]), np.uint8)
    shared: Pixels | None = None
    for place, row in enumerate(rows):
        strip = np.empty(((row.end - row.begin) * scale, result.shape[1], source.shape[2]), np.float32)
        for number, column in enumerate(columns):
            on_tile(place * len(columns) + number, len(rows) * len(columns))
            part = source[row.begin : row.end, column.begin : column.end].astype(np.float32) / np.float32(255)
            _lay(strip, enlarge(part), column.begin * scale, column.shared * scale)
        if shared is not None:
            ramp = _ramp(len(shared))[:, None, None]
            strip[: len(shared)] = shared * (1 - ramp) + strip[: len(shared)] * ramp
        following = rows[place + 1] if place + 1 < len(rows) else None
        keep = (following.begin - row.begin) * scale if following else len(strip)
        shared = strip[keep:].copy() if following else None
        result[row.begin * scale : row.begin * scale + keep] = np.clip(np.rint(strip[:keep] * 255), 0, 255).astype(np.uint8)
    return result


def _lay(strip: Pixels, part: Pixels, begin: int, shared: int) -> None:
    """Put a tile into its row; the first ``shared`` columns fade from the tile before to this one."""
    if shared:
        ramp = _ramp(shared)[None, :, None]
        before = strip[:, begin : begin + shared]
        strip[:, begin : begin + shared] = before * (1 - ramp) + part[:, :shared] * ramp
    strip[:, begin + shared : begin + part.shape[1]] = part[:, shared:]


def _ramp(length: int) -> NDArray[np.float32]:
    ramp: NDArray[np.float32] = ((np.arange(length) + 0.5) / length).astype(np.float32)
    return ramp
