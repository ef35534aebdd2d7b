"""Paints the things that stand in a landscape: houses, castle, windmill, trees, boat, fence, flowers, person."""

from __future__ import annotations

import math
from random import Random

from .pen import Colour, Pen, Point

HOUSES: dict[str, tuple[Colour, Colour]] = {
    "red house": ((216, 44, 44), (84, 62, 84)),
    "blue house": ((46, 96, 214), (150, 84, 50)),
    "yellow house": ((250, 206, 48), (156, 76, 48)),
    "white house": ((250, 250, 246), (92, 104, 130)),
}
LIT_WINDOW: Colour = (255, 222, 110)
PETALS: tuple[Colour, ...] = ((232, 56, 72), (246, 112, 176), (252, 200, 52), (166, 84, 214), (250, 130, 50))


def house(pen: Pen, name: str, x: float, base: float) -> None:
    """A gabled house, 34 pixels wide and 40 high, in the colour its name says."""
    wall, roof = HOUSES[name]
    pen.box(x + 7, base - 40, x + 12, base - 26, (128, 84, 74))
    pen.box(x - 15, base - 23, x + 15, base, wall)
    pen.polygon([(x - 19, base - 21), (x - 9, base - 37), (x + 9, base - 37), (x + 19, base - 21)], roof)
    pen.box(x - 4, base - 13, x + 4, base, (104, 62, 42))
    glowing = pen.time != "day"
    window: Colour = LIT_WINDOW if glowing else (186, 224, 246)
    for left in (x - 12, x + 6):
        pen.box(left - 0.8, base - 17.8, left + 6.8, base - 9.2, (70, 50, 50))
        pen.box(left, base - 17, left + 6, base - 10, window, glowing)


def castle(pen: Pen, x: float, base: float) -> None:
    """A grey castle with two pointed towers, 48 pixels wide."""
    stone, shade, roof = (168, 166, 176), (136, 134, 148), (108, 62, 150)
    pen.box(x - 16, base - 27, x + 16, base, stone)
    for left in (-14.0, -5.0, 4.0):
        pen.box(x + left, base - 33, x + left + 6, base - 26, stone)
    for tower in (-19.0, 19.0):
        pen.box(x + tower - 6.5, base - 38, x + tower + 6.5, base, shade)
        pen.polygon([(x + tower - 9, base - 37), (x + tower, base - 55), (x + tower + 9, base - 37)], roof)
        pen.box(x + tower - 2, base - 31, x + tower + 2, base - 23, LIT_WINDOW if pen.time != "day" else (60, 52, 74), pen.time != "day")
    pen.polygon([(x, base - 46), (x + 11, base - 42), (x, base - 38)], (222, 48, 56))
    pen.box(x - 1, base - 46, x + 1, base - 27, (84, 70, 70))
    pen.arch(x, base - 10, 7, (70, 48, 44))
    pen.box(x - 7, base - 10, x + 7, base, (70, 48, 44))


def windmill(pen: Pen, x: float, base: float, rng: Random) -> None:
    """A tapering cream tower with four broad sails."""
    pen.polygon([(x - 11, base), (x - 6.5, base - 34), (x + 6.5, base - 34), (x + 11, base)], (240, 224, 192))
    pen.polygon([(x - 8.5, base - 33), (x, base - 44), (x + 8.5, base - 33)], (150, 64, 52))
    pen.box(x - 3.5, base - 11, x + 3.5, base, (110, 70, 50))
    turn = rng.uniform(0.5, 1.07)
    hub_y = base - 35
    for sail in range(4):
        angle = turn + sail * math.tau / 4
        dx, dy = math.cos(angle), math.sin(angle)
        pen.line([(x, hub_y), (x + 22 * dx, hub_y + 22 * dy)], (104, 62, 44), 2.2)
        inner, outer, breadth = 6.0, 22.0, 6.0
        points: list[Point] = [
            (x + inner * dx, hub_y + inner * dy),
            (x + outer * dx, hub_y + outer * dy),
            (x + outer * dx - breadth * dy, hub_y + outer * dy + breadth * dx),
            (x + inner * dx - breadth * dy, hub_y + inner * dy + breadth * dx),
        ]
        pen.polygon(points, (196, 88, 62))
    pen.disc(x, hub_y, 2.8, (84, 50, 40))


def tree(pen: Pen, x: float, base: float, size: float) -> None:
    """A round-crowned tree with apples, 44 pixels high at size 1."""
    pen.box(x - 3.5 * size, base - 20 * size, x + 3.5 * size, base, (116, 74, 44))
    for dx, dy, radius in ((-8.0, -24.0, 10.0), (8.0, -24.0, 10.0), (0.0, -33.0, 12.5), (0.0, -24.0, 11.0)):
        pen.disc(x + dx * size, base + dy * size, radius * size, (36, 122, 50))
    for dx, dy, radius in ((-6.0, -28.0, 6.5), (1.0, -36.0, 7.5)):
        pen.disc(x + dx * size, base + dy * size, radius * size, (74, 158, 66))
    for dx, dy in ((-10.0, -22.0), (3.0, -26.0), (10.0, -28.0)):
        pen.disc(x + dx * size, base + dy * size, 2.6 * size, (226, 54, 44))


def pine_tree(pen: Pen, x: float, base: float, size: float, snowy: bool) -> None:
    """A pine of three stacked triangles, 48 pixels high at size 1."""
    pen.box(x - 3 * size, base - 9 * size, x + 3 * size, base, (98, 62, 42))
    for level, (top, bottom, half) in enumerate(((-26.0, -7.0, 15.0), (-38.0, -19.0, 12.0), (-49.0, -31.0, 9.0))):
        pen.polygon([(x - half * size, base + bottom * size), (x, base + top * size), (x + half * size, base + bottom * size)],
                    (18 + 6 * level, 84 + 10 * level, 74 + 6 * level))
        if snowy:
            cap = top + 8
            pen.polygon([(x - half * 0.45 * size, base + cap * size), (x, base + top * size), (x + half * 0.45 * size, base + cap * size)],
                        (246, 250, 255))


def palm_tree(pen: Pen, x: float, base: float, size: float, lean: int) -> None:
    """A palm: a leaning trunk and seven drooping fronds, 50 pixels high at size 1."""
    top_x, top_y = x + lean * 8 * size, base - 40 * size
    trunk = [(x + lean * 8 * size * (step / 6) ** 1.6, base - 40 * size * step / 6) for step in range(7)]
    pen.line(trunk, (156, 108, 62), 5 * size)
    for angle_deg in (-165, -125, -90, -55, -15, 15, 165):
        angle = math.radians(angle_deg)
        tip = (top_x + 19 * size * math.cos(angle), top_y + 13 * size * math.sin(angle) + 7 * size)
        middle = (top_x + 10 * size * math.cos(angle), top_y + 10 * size * math.sin(angle) - 2.5 * size)
        below = (top_x + 9 * size * math.cos(angle), top_y + 8 * size * math.sin(angle) + 4 * size)
        pen.polygon([(top_x, top_y - 2 * size), middle, tip, below], (58, 172, 74))
    for dx in (-2.8, 2.8):
        pen.disc(top_x + dx * size, top_y + 3 * size, 2.6 * size, (112, 66, 36))


def boat(pen: Pen, x: float, base: float, facing: int) -> None:
    """A sailing boat with a red hull, 36 pixels wide and 38 high."""
    pen.polygon([(x - 18, base - 8), (x + 18, base - 8), (x + 12, base), (x - 13, base)], (178, 52, 40))
    pen.box(x - 18, base - 9, x + 18, base - 6.5, (250, 236, 210))
    pen.line([(x, base - 8), (x, base - 38)], (92, 58, 40), 2.2)
    pen.polygon([(x + facing * 2, base - 38), (x + facing * 2, base - 11), (x + facing * 17, base - 11)], (255, 253, 244))
    pen.polygon([(x - facing * 2, base - 33), (x - facing * 2, base - 11), (x - facing * 13, base - 11)], (250, 176, 66))


def fence(pen: Pen, base: float, rng: Random) -> None:
    """Wooden pickets across the whole picture, 17 pixels high."""
    wood, rail = (176, 112, 62), (134, 80, 44)
    for y in (base - 12.0, base - 5.5):
        pen.box(0, y - 1.4, pen.width, y + 1.4, rail)
    x = rng.uniform(-6, 0)
    while x < pen.width + 6:
        pen.polygon([(x - 3.2, base), (x - 3.2, base - 14), (x, base - 18), (x + 3.2, base - 14), (x + 3.2, base)], wood)
        x += 12


def flowers(pen: Pen, rng: Random) -> None:
    """Four to six large blossoms along the lower edge."""
    count = round(pen.width / 26)
    colours = rng.sample(PETALS, 2)
    for index in range(count):
        x = (index + 0.5) * pen.width / count + rng.uniform(-5, 5)
        y = pen.height - rng.uniform(9, 19)
        pen.line([(x, y), (x, y + 12)], (48, 122, 44), 2.4)
        for petal in range(5):
            angle = petal * math.tau / 5
            pen.disc(x + 3.8 * math.cos(angle), y + 3.8 * math.sin(angle), 3.6, colours[index % 2])
        pen.disc(x, y, 2.8, (255, 236, 130) if colours[index % 2] != PETALS[2] else (130, 72, 40))


def person(pen: Pen, x: float, base: float, rng: Random) -> None:
    """A standing figure, 34 pixels high, with a hat and a bright coat."""
    coat = rng.choice(((224, 52, 60), (44, 108, 220), (252, 190, 40)))
    pen.box(x - 5, base - 9, x - 1, base, (58, 52, 76))
    pen.box(x + 1, base - 9, x + 5, base, (58, 52, 76))
    pen.polygon([(x - 4.5, base - 23), (x + 4.5, base - 23), (x + 8, base - 7), (x - 8, base - 7)], coat)
    for side in (-1, 1):
        pen.line([(x + side * 4, base - 21), (x + side * 9.5, base - 12)], coat, 4)
        pen.disc(x + side * 9.5, base - 11.5, 2.2, (250, 206, 170))
    pen.disc(x, base - 27, 5.6, (252, 212, 178))
    pen.box(x - 7.5, base - 31.5, x + 7.5, base - 29.5, (96, 60, 40))
    pen.box(x - 4.5, base - 36, x + 4.5, base - 30, (96, 60, 40))
