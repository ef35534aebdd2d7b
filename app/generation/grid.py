"""Several pictures on one sheet."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PIL import Image

PIXELS_PER_MEGAPIXEL = 1_000_000


def grid_rows(count: int, setting: int, batch_size: int, *, full: bool) -> int:
    """Rows for ``count`` pictures: as set, one batch a row for 0, else about a square; ``full``: no empty place in it."""
    if setting > 0:
        rows = setting
    elif setting == 0:
        rows = batch_size
    elif full:
        rows = math.isqrt(count)
        while count % rows:
            rows -= 1
    else:
        rows = round(math.sqrt(count))
    return max(1, min(rows, count))


def make_grid(pictures: Sequence[Image.Image], rows: int, background: str) -> Image.Image:
    """A sheet in ``rows`` rows; places are as large as the largest picture, smaller ones stand in their middle."""
    columns = math.ceil(len(pictures) / rows)
    width = max(picture.width for picture in pictures)
    height = max(picture.height for picture in pictures)
    sheet = Image.new("RGB", (columns * width, rows * height), background)
    for index, picture in enumerate(pictures):
        left = index % columns * width + (width - picture.width) // 2
        top = index // columns * height + (height - picture.height) // 2
        sheet.paste(picture, (left, top))
    return sheet


class GridPictures:
    """Keeps pictures for a sheet of at most ``largest_px`` pixels as long as one can be made of them; from then on it holds none."""

    def __init__(self, largest_px: int) -> None:
        self._largest_px = largest_px
        self._pixels = 0
        self.kept: list[Image.Image] = []
        self.are_too_many = False

    def add(self, picture: Image.Image, expected: int) -> None:
        """One more of ``expected`` pictures that are about as large."""
        size_px = picture.width * picture.height
        self._pixels += size_px
        if max(self._pixels, expected * size_px) > self._largest_px:
            self.are_too_many = True
        if self.are_too_many:
            self.kept.clear()
        else:
            self.kept.append(picture)
