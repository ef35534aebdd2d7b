"""Samples the prompts that the demo checkpoint is judged by, every tag about equally often."""

from __future__ import annotations

from random import Random

from .dataset import sample_scene
from .renderer import TAGS

FIRST_SEED = 7_000_000
LEAST, MOST = 2, 5


def sampled_prompts(count: int, seed: int, least: int = LEAST, most: int = MOST) -> list[list[str]]:
    """`count` prompts of `least` to `most` tags that can occur together; each tag in turn is sure to be in one."""
    rng = Random(seed)
    return [_prompt(TAGS[index % len(TAGS)], rng.randint(least, most), rng) for index in range(count)]


def _prompt(target: str, length: int, rng: Random) -> list[str]:
    while True:
        tags = sample_scene(FIRST_SEED + rng.randrange(1_000_000)).tags
        if target in tags and len(tags) >= length:
            chosen = [target, *rng.sample(sorted(tags - {target}), length - 1)]
            rng.shuffle(chosen)
            return chosen


def prompts_without(tag: str, count: int, seed: int) -> list[list[str]]:
    """Prompts of scenes that could show `tag` but whose prompt does not name it."""
    rng = Random(seed)
    found: list[list[str]] = []
    while len(found) < count:
        tags = sample_scene(FIRST_SEED + rng.randrange(1_000_000)).tags
        others = sorted(tags - {tag})
        if tag in tags and len(others) >= LEAST:
            found.append(rng.sample(others, min(len(others), rng.randint(LEAST, MOST))))
    return found
