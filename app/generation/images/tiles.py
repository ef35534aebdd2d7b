"""A picture cut into tiles that overlap, and put together again with soft seams."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from PIL import Image

from app.errors import UserError

FULL = 255


@dataclass(frozen=True)
class TileGrid:
    """Tiles of ``tile`` (width, height) over a picture of ``size``, which overlap by at least ``overlap_px``, spread evenly.

    The tiles are in rows from above, each from the left. Raises UserError where the overlap leaves nothing of a tile.
    """

    size: tuple[int, int]
    tile: tuple[int, int]
    overlap_px: int

    def __post_init__(self) -> None:
        """Tiles must get on."""
        if self.overlap_px < 0 or self.overlap_px >= min(self.tile):
            what = f"Tiles of {self.tile[0]}x{self.tile[1]} pixels cannot overlap by {self.overlap_px}."
            raise UserError(what, hint="Use larger tiles (width and height) or a smaller overlap.", field="overlap")

    @cached_property
    def columns(self) -> tuple[int, ...]:
        """Left edges."""
        return _edges(self.size[0], self.tile[0], self.overlap_px)

    @cached_property
    def rows(self) -> tuple[int, ...]:
        """Upper edges."""
        return _edges(self.size[1], self.tile[1], self.overlap_px)

    @property
    def boxes(self) -> list[tuple[int, int, int, int]]:
        """(left, upper, right, lower) of every tile."""
        width, height = self.tile
        return [(x, y, x + width, y + height) for y in self.rows for x in self.columns]

    def cut(self, picture: Image.Image) -> list[Image.Image]:
        """The tiles of a picture of this size; what lies outside of it is black."""
        return [picture.crop(box) for box in self.boxes]

    def joined(self, tiles: Sequence[Image.Image]) -> Image.Image:
        """The picture of tiles: where two overlap, the later one comes in over the width of the overlap."""
        per_row = len(self.columns)
        strips = [self._strip(tiles[start : start + per_row]) for start in range(0, len(tiles), per_row)]
        picture = Image.new("RGB", self.size)
        ramp = _ramp(self.overlap_px, self.size[0]).transpose(Image.Transpose.TRANSPOSE)
        for y, strip in zip(self.rows, strips, strict=True):
            seam = self.overlap_px if y else 0
            if seam:
                picture.paste(strip.crop((0, 0, strip.width, seam)), (0, y), ramp)
            picture.paste(strip.crop((0, seam, strip.width, strip.height)), (0, y + seam))
        return picture

    def _strip(self, tiles: Sequence[Image.Image]) -> Image.Image:
        """One row of tiles."""
        width, height = self.tile
        strip = Image.new("RGB", (self.size[0], height))
        ramp = _ramp(self.overlap_px, height)
        for x, tile in zip(self.columns, tiles, strict=True):
            tile = tile.convert("RGB")
            seam = self.overlap_px if x else 0
            if seam:
                strip.paste(tile.crop((0, 0, seam, height)), (x, 0), ramp)
            strip.paste(tile.crop((seam, 0, width, height)), (x + seam, 0))
        return strip


def _edges(side_px: int, tile_px: int, overlap_px: int) -> tuple[int, ...]:
    """Where tiles begin along a side; the last one ends with it."""
    count = max(1, math.ceil((side_px - overlap_px) / (tile_px - overlap_px)))
    step = (side_px - tile_px) / (count - 1) if count > 1 else 0.0
    return tuple(max(0, min(int(number * step), side_px - tile_px)) for number in range(count))


def _ramp(overlap_px: int, along_px: int) -> Image.Image:
    """A mask (overlap, along) that grows from nothing at the left; of no width: empty."""
    if not overlap_px:
        return Image.new("L", (0, along_px))
    row = Image.new("L", (overlap_px, 1))
    row.putdata([number * FULL // overlap_px for number in range(overlap_px)])
    return row.resize((overlap_px, along_px), Image.Resampling.NEAREST)
