"""Draws picture-book landscapes from a set of tags, the same picture for the same scene everywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from PIL import Image

from . import things
from .land import LANDS, paint_land
from .pen import Pen
from .sky import paint_rain, paint_sky

TIMES = ("day", "night", "sunset")
TALL_THINGS = (*things.HOUSES, "castle", "windmill", "tree", "pine tree", "palm tree")
TAGS = (
    *TIMES, "blue sky", "sun", "moon", "stars", "cloud", "bird", "rain", "rainbow",
    "mountain", "grass", "water", "snow", "desert", "boat",
    *TALL_THINGS, "flower", "road", "fence", "person",
)
NATIVE_SIZE_PX = 128


@dataclass(frozen=True)
class Scene:
    """What a picture shows (`tags`, all of them visible) and the seed that places it."""

    tags: frozenset[str]
    seed: int
    width_px: int = NATIVE_SIZE_PX
    height_px: int = NATIVE_SIZE_PX


def render(scene: Scene, enlarged: int = 1) -> Image.Image:
    """Draws the scene as an RGB picture, ``enlarged`` times its size and as much finer."""
    rng = Random(scene.seed)
    tags = scene.tags
    pen = Pen(scene.width_px, scene.height_px, next(time for time in TIMES if time in tags), enlarged)
    horizon = scene.height_px * 0.56 + rng.uniform(-3, 3)
    paint_sky(pen, tags, rng, horizon)
    paint_land(pen, tags, rng, horizon)
    on_sea = not any(land in tags for land in LANDS)
    if on_sea and "boat" in tags:
        things.boat(pen, pen.width * rng.uniform(0.25, 0.75), pen.height - rng.uniform(14, 30), rng.choice((-1, 1)))
    if not on_sea:
        _stand_things(pen, tags, rng)
    if "rain" in tags:
        paint_rain(pen, rng)
    return pen.finished()


def _stand_things(pen: Pen, tags: frozenset[str], rng: Random) -> None:
    base = pen.height - (rng.uniform(12, 18) if "water" in tags else rng.uniform(18, 28))
    names = sorted(tags.intersection((*TALL_THINGS, "boat")))
    rng.shuffle(names)
    for name, place in zip(names, _places(len(names), rng), strict=True):
        if name == "boat":
            things.boat(pen, place * pen.width, pen.height - rng.uniform(25, 30), rng.choice((-1, 1)))
            continue
        _painters(pen, tags, rng)[name](place * pen.width, base + rng.uniform(-2, 2))
    if "fence" in tags:
        things.fence(pen, pen.height - rng.uniform(8, 12), rng)
    if "flower" in tags:
        things.flowers(pen, rng)
    if "person" in tags:
        things.person(pen, pen.width * rng.uniform(0.15, 0.85), pen.height - rng.uniform(3, 8), rng)


def _places(count: int, rng: Random) -> list[float]:
    """Horizontal places (0..1) for `count` tall things, left to right."""
    if count == 1:
        return [rng.uniform(0.24, 0.76)]
    margin = {2: 0.24, 3: 0.19}.get(count, 0.14)
    step = (1 - 2 * margin) / max(1, count - 1)
    return [margin + index * step + rng.uniform(-0.04, 0.04) for index in range(count)]


def _painters(pen: Pen, tags: frozenset[str], rng: Random) -> dict[str, Callable[[float, float], None]]:
    def grove(one: Callable[[float, float, float], None]) -> Callable[[float, float], None]:
        def paint(x: float, base: float) -> None:
            if rng.random() < 0.6:
                one(x + rng.choice((-1, 1)) * rng.uniform(17, 22), base - 3, rng.uniform(0.62, 0.78))
            one(x, base, rng.uniform(0.92, 1.08))
        return paint

    painters: dict[str, Callable[[float, float], None]] = {
        "castle": lambda x, base: things.castle(pen, x, base),
        "windmill": lambda x, base: things.windmill(pen, x, base, rng),
        "tree": grove(lambda x, base, size: things.tree(pen, x, base, size)),
        "pine tree": grove(lambda x, base, size: things.pine_tree(pen, x, base, size, "snow" in tags)),
        "palm tree": grove(lambda x, base, size: things.palm_tree(pen, x, base, size, rng.choice((-1, 1)))),
    }
    for name in things.HOUSES:
        painters[name] = lambda x, base, name=name: things.house(pen, name, x, base)  # type: ignore[misc]
    return painters
