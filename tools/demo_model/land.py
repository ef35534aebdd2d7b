"""Paints the ground: mountains, hills, snow, desert, lake, sea and road."""

from __future__ import annotations

import math
from random import Random

from .pen import Colour, Pen, Point, blend

LANDS: dict[str, tuple[Colour, Colour, Colour]] = {
    "grass": ((142, 196, 92), (112, 178, 74), (88, 158, 62)),
    "snow": ((208, 222, 240), (230, 239, 250), (248, 251, 255)),
    "desert": ((234, 188, 112), (242, 204, 130), (226, 176, 96)),
}
WATERS: dict[str, Colour] = {"day": (52, 132, 200), "sunset": (150, 96, 140), "night": (24, 46, 110)}
RIPPLES: dict[str, Colour] = {"day": (146, 206, 240), "sunset": (255, 196, 150), "night": (86, 112, 178)}


def hill(pen: Pen, rng: Random, top: float, swell: float, colour: Colour) -> None:
    """Fills everything below a soft wave around the height `top`."""
    phase, length = rng.uniform(0, math.tau), rng.uniform(70, 110)
    points: list[Point] = [
        (x, top + swell * math.sin(phase + x * math.tau / length)) for x in range(-4, pen.width + 8, 4)
    ]
    pen.polygon([*points, (pen.width + 8, pen.height), (-4, pen.height)], colour)


def paint_land(pen: Pen, tags: frozenset[str], rng: Random, horizon: float) -> None:
    """Paints the ground that the tags name; without a land tag the water is a sea up to the horizon."""
    if "mountain" in tags:
        _mountains(pen, rng, horizon)
    land = next((name for name in LANDS if name in tags), None)
    if land is None:
        _water(pen, rng, horizon + 2, pen.height)
        return
    far, middle, near = LANDS[land]
    hill(pen, rng, horizon + 2, 2.5, far)
    if "water" in tags:
        _water(pen, rng, horizon + 9, pen.height - 22)
        hill(pen, rng, pen.height - 25, 2.0, near)
        return
    hill(pen, rng, horizon + 13, 3.5, middle)
    hill(pen, rng, pen.height - 27, 3.0, near)
    if "road" in tags:
        _road(pen, rng, horizon + 6)


def _mountains(pen: Pen, rng: Random, horizon: float) -> None:
    count = max(2, round(pen.width / 50))
    start = rng.uniform(-0.1, 0.25)
    peaks = [((i + 0.3 + start) * pen.width / count, rng.uniform(34, 48)) for i in range(count)]
    for x, height in sorted(peaks, key=lambda peak: -peak[1]):
        _peak(pen, x, horizon + 8, height * horizon / 72, rng)


def _peak(pen: Pen, x: float, base: float, height: float, rng: Random) -> None:
    reach = height * rng.uniform(0.85, 1.0)
    top = base - height
    light, dark = (132, 128, 164), (94, 92, 134)
    pen.polygon([(x - reach, base), (x, top), (x + reach, base)], light)
    pen.polygon([(x, top), (x + reach, base), (x + reach * 0.12, base), (x - reach * 0.08, top + height * 0.5)], dark)
    cap, width = top + height * 0.36, reach * 0.36
    ragged = [(x - width, cap), (x, top), (x + width, cap), (x + width * 0.4, cap - 3), (x, cap + 4), (x - width * 0.5, cap - 3)]
    pen.polygon(ragged, (250, 251, 255))


def _water(pen: Pen, rng: Random, top: float, bottom: float) -> None:
    water = WATERS[pen.time]
    pen.mirror(top, bottom, water, 0.62)
    pen.box(0, top, pen.width, top + 1.5, blend(water, RIPPLES[pen.time], 0.5), glowing=True)
    y = top + 6.0
    while y < bottom:
        depth = (y - top) / 50
        for _ in range(2):
            x, half = rng.uniform(0, pen.width), rng.uniform(8, 12) + 8 * depth
            pen.ellipse(x, y, half, 1.1 + 0.8 * depth, RIPPLES[pen.time], glowing=True)
        y += 7.5


def _road(pen: Pen, rng: Random, top: float) -> None:
    end, start = pen.width * rng.uniform(0.35, 0.65), pen.width * rng.uniform(0.42, 0.58)
    rows = [step / 12 for step in range(13)]
    bend = rng.choice((-1, 1)) * 7

    def middle(share: float) -> float:
        return start + (end - start) * share + bend * math.sin(share * math.pi)

    def y(share: float) -> float:
        return pen.height + 2 - (pen.height + 2 - top) * share**0.85

    def half(share: float) -> float:
        return 18 - 15.5 * share**0.8

    left = [(middle(r) - half(r), y(r)) for r in rows]
    right = [(middle(r) + half(r), y(r)) for r in reversed(rows)]
    pen.polygon([*left, *right], (112, 110, 122))
    for dash in range(0, 12, 3):
        low, high = dash / 12 + 0.02, dash / 12 + 0.15
        corners = [(middle(low) - half(low) * 0.11, y(low)), (middle(low) + half(low) * 0.11, y(low))]
        corners += [(middle(high) + half(high) * 0.11, y(high)), (middle(high) - half(high) * 0.11, y(high))]
        pen.polygon(corners, (250, 246, 226))
