"""Paints skies: the gradient of the hour, sun, moon, stars, clouds, birds, rain and rainbow."""

from __future__ import annotations

import math
from random import Random

from .pen import Colour, Pen, Point

SKIES: dict[str, list[tuple[float, Colour]]] = {
    "blue sky": [(0.0, (40, 120, 226)), (0.6, (112, 184, 248)), (1.0, (190, 226, 252))],
    "day": [(0.0, (186, 196, 204)), (0.6, (214, 219, 220)), (1.0, (238, 234, 222))],
    "rain": [(0.0, (112, 124, 142)), (1.0, (176, 186, 196))],
    "night": [(0.0, (12, 16, 54)), (0.6, (32, 40, 100)), (1.0, (74, 78, 146))],
    "sunset": [(0.0, (94, 54, 130)), (0.45, (222, 98, 100)), (0.75, (252, 158, 82)), (1.0, (255, 214, 132))],
}
CLOUDS: dict[str, tuple[Colour, Colour]] = {
    "day": ((255, 255, 255), (214, 224, 238)),
    "night": ((126, 134, 182), (98, 106, 158)),
    "sunset": ((255, 206, 196), (236, 160, 160)),
}
RAINBOW: tuple[Colour, ...] = ((226, 60, 60), (246, 146, 50), (250, 222, 70), (80, 186, 90), (66, 124, 220), (134, 80, 190))


def paint_sky(pen: Pen, tags: frozenset[str], rng: Random, horizon: float) -> None:
    """Paints everything between the top edge and the horizon that the tags ask for."""
    pen.gradient(SKIES[_sky_name(pen, tags)], 0, horizon + 8)
    if "stars" in tags:
        _stars(pen, rng, horizon)
    side = rng.choice((-1, 1))
    if "rainbow" in tags:
        _rainbow(pen, rng, horizon)
    if "sun" in tags:
        _sun(pen, rng, horizon - (14 if "mountain" in tags and pen.time == "sunset" else 0), side)
    if "moon" in tags:
        _moon(pen, rng, side)
    if "cloud" in tags:
        _clouds(pen, rng, -side, "rain" in tags)
    if "bird" in tags:
        _birds(pen, rng, horizon)


def _sky_name(pen: Pen, tags: frozenset[str]) -> str:
    if pen.time != "day":
        return pen.time
    if "blue sky" in tags:
        return "blue sky"
    return "rain" if "rain" in tags else "day"


def paint_rain(pen: Pen, rng: Random) -> None:
    """Bright slanting streaks over the whole picture."""
    colour: Colour = (150, 170, 226) if pen.time == "night" else (224, 236, 252)
    slant = 5.0
    row = 0
    for top in range(-8, pen.height, 20):
        row += 1
        for left in range(-6, pen.width + 10, 19):
            x = left + (row % 2) * 9.5 + rng.uniform(-2.5, 2.5)
            y = top + rng.uniform(-3, 3)
            pen.line([(x, y), (x - slant, y + 14)], colour, 2.3, glowing=True)


def _side_x(pen: Pen, rng: Random, side: int) -> float:
    return pen.width * (0.5 + side * rng.uniform(0.17, 0.33))


def _sun(pen: Pen, rng: Random, horizon: float, side: int) -> None:
    if pen.time == "sunset":
        x, y = pen.width * rng.uniform(0.3, 0.7), horizon - rng.uniform(14, 26)
        for radius, colour in ((22.0, (253, 176, 96)), (18.0, (255, 206, 110)), (14.0, (255, 244, 180))):
            pen.disc(x, y, radius, colour, glowing=True)
        return
    x, y = _side_x(pen, rng, side), rng.uniform(20, 27)
    for ray in range(10):
        angle = ray * math.tau / 10
        tip = (x + 19 * math.cos(angle), y + 19 * math.sin(angle))
        left = (x + 11 * math.cos(angle - 0.27), y + 11 * math.sin(angle - 0.27))
        right = (x + 11 * math.cos(angle + 0.27), y + 11 * math.sin(angle + 0.27))
        pen.polygon([tip, left, right], (255, 190, 40), glowing=True)
    pen.disc(x, y, 12.5, (255, 190, 40), glowing=True)
    pen.disc(x, y, 10.5, (255, 228, 84), glowing=True)


def _moon(pen: Pen, rng: Random, side: int) -> None:
    x, y = _side_x(pen, rng, side), rng.uniform(20, 28)
    pen.disc(x, y, 16.5, (58, 64, 126), glowing=True)
    pen.disc(x, y, 13, (252, 246, 206), glowing=True)
    if rng.random() < 0.5:
        pen.disc(x + 6.5, y - 3.5, 11, (44, 50, 110), glowing=True)
        return
    for dx, dy, radius in ((-4.0, -3.0, 3.2), (4.5, 3.0, 2.8), (-2.0, 6.0, 2.2)):
        pen.disc(x + dx, y + dy, radius, (224, 214, 170), glowing=True)


def _stars(pen: Pen, rng: Random, horizon: float) -> None:
    columns = max(3, round(pen.width / 30))
    for row, y in enumerate((13.0, 34.0, 53.0)):
        for column in range(columns):
            if rng.random() < 0.15:
                continue
            x = (column + 0.5 + (0.25 if row % 2 else -0.25)) * pen.width / columns + rng.uniform(-5, 5)
            _star(pen, x, y * horizon / 72 + rng.uniform(-4, 4), rng.uniform(4.6, 6.2))


def _star(pen: Pen, x: float, y: float, radius: float) -> None:
    points: list[Point] = []
    for corner in range(8):
        reach = radius if corner % 2 == 0 else radius * 0.38
        angle = corner * math.tau / 8
        points.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
    pen.polygon(points, (255, 248, 190), glowing=True)


def _clouds(pen: Pen, rng: Random, side: int, raining: bool) -> None:
    light, shade = CLOUDS[pen.time]
    if raining and pen.time == "day":
        light, shade = (222, 226, 232), (152, 160, 174)
    _cloud(pen, _side_x(pen, rng, side), rng.uniform(20, 32), rng.uniform(1.0, 1.2), (light, shade))
    if rng.random() < 0.6:
        _cloud(pen, _side_x(pen, rng, -side), rng.uniform(36, 46), rng.uniform(0.75, 0.95), (light, shade))


def _cloud(pen: Pen, x: float, y: float, size: float, colours: tuple[Colour, Colour]) -> None:
    puffs = ((-13.0, 3.0, 7.0), (-4.0, -2.0, 10.0), (7.0, 0.0, 8.5), (15.0, 4.0, 6.0))
    for colour, lift in ((colours[1], 2.5), (colours[0], 0.0)):
        for dx, dy, radius in puffs:
            pen.disc(x + dx * size, y + (dy + lift) * size, radius * size, colour, glowing=True)
        pen.box(x - 13 * size, y + (2 + lift) * size, x + 15 * size, y + (9 + lift) * size, colour, glowing=True)


def _birds(pen: Pen, rng: Random, horizon: float) -> None:
    x, y = pen.width * rng.uniform(0.25, 0.75), rng.uniform(0.30, 0.62) * horizon
    step = rng.choice((-1, 1))
    for index in range(rng.choice((2, 3))):
        _bird(pen, x + step * index * 20, y - index * 9, rng.uniform(9.0, 10.5))


def _bird(pen: Pen, x: float, y: float, reach: float) -> None:
    wing = [(x - reach, y - 4.5), (x - reach * 0.45, y - 5.5), (x, y + 2.5), (x + reach * 0.45, y - 5.5), (x + reach, y - 4.5)]
    pen.line(wing, (38, 34, 52), 3.2, glowing=True)


def _rainbow(pen: Pen, rng: Random, horizon: float) -> None:
    x, y = pen.width * rng.uniform(0.42, 0.58), horizon + 4
    radius = min(pen.width * 0.48, horizon * 0.86)
    for band, colour in enumerate(RAINBOW):
        pen.ring(x, y, radius - band * 3.0, colour, 3.4)
