"""A small drawing pen: shapes in picture pixels, drawn supersampled and tinted by the time of day."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

Colour = tuple[int, int, int]
Point = tuple[float, float]

SUPERSAMPLING = 3
TINTS: dict[str, tuple[float, float, float]] = {
    "day": (1.0, 1.0, 1.0),
    "sunset": (1.0, 0.90, 0.87),
    "night": (0.60, 0.64, 0.86),
}


def blend(first: Colour, second: Colour, share: float) -> Colour:
    """The colour `share` of the way from `first` to `second`."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


class Pen:
    """Draws on a supersampled canvas; coordinates and widths are in pixels of a picture that is not ``enlarged``."""

    def __init__(self, width_px: int, height_px: int, time: str, enlarged: int = 1) -> None:
        self.width = width_px
        self.height = height_px
        self.time = time
        self._tint = TINTS[time]
        self._scale = SUPERSAMPLING * enlarged
        self.canvas = Image.new("RGB", (width_px * self._scale, height_px * self._scale))
        self._draw = ImageDraw.Draw(self.canvas)

    def tinted(self, colour: Colour) -> Colour:
        """`colour` as it looks at this time of day."""
        red, green, blue = (min(255, round(c * t)) for c, t in zip(colour, self._tint, strict=True))
        return red, green, blue

    def _fill(self, colour: Colour, glowing: bool) -> Colour:
        return colour if glowing else self.tinted(colour)

    def polygon(self, points: Sequence[Point], colour: Colour, glowing: bool = False) -> None:
        """A filled polygon; `glowing` shapes keep their colour at night."""
        scaled = [(x * self._scale, y * self._scale) for x, y in points]
        self._draw.polygon(scaled, fill=self._fill(colour, glowing))

    def box(self, left: float, top: float, right: float, bottom: float, colour: Colour, glowing: bool = False) -> None:
        """A filled rectangle."""
        self.polygon([(left, top), (right, top), (right, bottom), (left, bottom)], colour, glowing)

    def disc(self, x: float, y: float, radius: float, colour: Colour, glowing: bool = False) -> None:
        """A filled circle around (x, y)."""
        self.ellipse(x, y, radius, radius, colour, glowing)

    def ellipse(self, x: float, y: float, rx: float, ry: float, colour: Colour, glowing: bool = False) -> None:
        """A filled ellipse around (x, y)."""
        s = self._scale
        box = ((x - rx) * s, (y - ry) * s, (x + rx) * s, (y + ry) * s)
        self._draw.ellipse(box, fill=self._fill(colour, glowing))

    def line(self, points: Sequence[Point], colour: Colour, width: float, glowing: bool = False) -> None:
        """An open line with round joints."""
        scaled = [(x * self._scale, y * self._scale) for x, y in points]
        self._draw.line(scaled, fill=self._fill(colour, glowing), width=round(width * self._scale), joint="curve")

    def arch(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """A filled half circle above y, for gates and doors."""
        s = self._scale
        box = ((x - radius) * s, (y - radius) * s, (x + radius) * s, (y + radius) * s)
        self._draw.pieslice(box, 180, 360, fill=self.tinted(colour))

    def ring(self, x: float, y: float, radius: float, colour: Colour, width: float) -> None:
        """A circle line whose outer edge has the given radius; it glows."""
        s = self._scale
        box = ((x - radius) * s, (y - radius) * s, (x + radius) * s, (y + radius) * s)
        self._draw.arc(box, 180, 360, fill=colour, width=round(width * s))

    def gradient(self, stops: Sequence[tuple[float, Colour]], top: float, bottom: float) -> None:
        """Fills the rows from `top` to `bottom` with a vertical gradient through (position 0..1, colour) stops."""
        first, last = round(top * self._scale), round(bottom * self._scale)
        rows = np.linspace(0.0, 1.0, max(1, last - first))
        positions = [position for position, _ in stops]
        column = np.stack([np.interp(rows, positions, [c[i] for _, c in stops]) for i in range(3)], axis=1)
        strip = Image.fromarray(column.astype(np.uint8)[:, None, :])
        self.canvas.paste(strip.resize((self.canvas.width, strip.height)), (0, first))

    def mirror(self, top: float, bottom: float, water: Colour, share: float) -> None:
        """Fills the rows from `top` to `bottom` with the mirror image of what is above, mixed with `water`."""
        first, last = round(top * self._scale), round(bottom * self._scale)
        depth = min(first, 2 * (last - first))
        above = self.canvas.crop((0, first - depth, self.canvas.width, first))
        above = above.resize((self.canvas.width, last - first)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        flat = Image.new("RGB", above.size, water)
        self.canvas.paste(Image.blend(above, flat, share), (0, first))

    def finished(self) -> Image.Image:
        """The picture at its true size."""
        return self.canvas.reduce(SUPERSAMPLING)
