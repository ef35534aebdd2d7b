"""Samples scenes with every tag well represented, and captions that name part of what a scene shows."""

from __future__ import annotations

from random import Random

from .renderer import NATIVE_SIZE_PX, TALL_THINGS, Scene

EMPTY_CAPTION_SHARE = 0.12
FULL_CAPTION_SHARE = 0.30


def sample_scene(seed: int, width_px: int = NATIVE_SIZE_PX, height_px: int = NATIVE_SIZE_PX) -> Scene:
    """A random scene; the same seed gives the same scene and picture."""
    rng = Random(seed * 7919 + 17)
    tags = _sky_tags(rng) | _ground_tags(rng)
    return Scene(tags, seed, width_px, height_px)


def _sky_tags(rng: Random) -> frozenset[str]:
    time = rng.choices(("day", "night", "sunset"), (0.46, 0.31, 0.23))[0]
    tags = {time}

    def maybe(tag: str, share: float) -> None:
        if rng.random() < share:
            tags.add(tag)

    maybe("rain", 0.16)
    maybe("cloud", 0.30)
    if time == "night":
        maybe("stars", 0.45)
        maybe("moon", 0.45)
        return frozenset(tags)
    if time == "day":
        if "rain" not in tags:
            maybe("blue sky", 0.58)
        maybe("rainbow", 0.26)
    maybe("sun", 0.40)
    maybe("bird", 0.28)
    return frozenset(tags)


def _ground_tags(rng: Random) -> frozenset[str]:
    tags: set[str] = set()
    if rng.random() < 0.34:
        tags.add("mountain")
    ground = rng.choices(("grass", "snow", "desert", "water"), (0.38, 0.25, 0.23, 0.14))[0]
    tags.add(ground)
    if ground == "water":
        if rng.random() < 0.6:
            tags.add("boat")
        return frozenset(tags)
    if rng.random() < 0.22:
        tags.add("water")
        if rng.random() < 0.5:
            tags.add("boat")
    elif rng.random() < 0.20:
        tags.add("road")
    crowded = (0.16, 0.49, 0.35, 0.0) if "boat" in tags else (0.16, 0.47, 0.30, 0.07)
    count = rng.choices((0, 1, 2, 3), crowded)[0]
    tags.update(rng.sample(TALL_THINGS, count))
    for tag in ("flower", "fence", "person"):
        if rng.random() < 0.17:
            tags.add(tag)
    return frozenset(tags)


def sample_caption_tags(tags: frozenset[str], rng: Random) -> list[str]:
    """What a caption of the scene names, shuffled: nothing, everything, or a random part of the tags."""
    draw = rng.random()
    if draw < EMPTY_CAPTION_SHARE:
        return []
    names = sorted(tags)
    rng.shuffle(names)
    if draw < EMPTY_CAPTION_SHARE + FULL_CAPTION_SHARE:
        return names
    return names[: rng.randint(1, len(names))]
