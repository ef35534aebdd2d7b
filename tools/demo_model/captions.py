"""Turns the tags of scenes into token ids for training, with unknown words mixed in so that they learn to mean nothing."""

from __future__ import annotations

from random import Random

import numpy as np
from numpy.typing import NDArray

from .dataset import sample_caption_tags
from .renderer import TAGS
from .tokens import END, LENGTH, START, CaptionTokenizer

HOUSE = "house"
FIRST_WORD, LAST_WORD = 512, 49_405  # ids of merged tokens
UNKNOWN_SHARE = 0.10
PLAIN_HOUSE_SHARE = 0.08


class CaptionIds:
    """Samples captions as rows of 77 token ids."""

    def __init__(self) -> None:
        tokenizer = CaptionTokenizer()
        self._pieces = {tag: [i for i in tokenizer.ids(tag) if i < START] for tag in (*TAGS, HOUSE, ",")}

    def vocabulary(self) -> list[int]:
        """Every id that a caption without unknown words can have, sorted."""
        return sorted({START, END, *(i for ids in self._pieces.values() for i in ids)})

    def sample(self, tags: frozenset[str], rng: Random) -> list[int]:
        """One caption of a scene with these tags."""
        pieces = []
        for tag in sample_caption_tags(tags, rng):
            name = HOUSE if tag.endswith(HOUSE) and rng.random() < PLAIN_HOUSE_SHARE else tag
            pieces.append(self._pieces[name])
        if rng.random() < UNKNOWN_SHARE:
            for _ in range(rng.randint(1, 3)):
                words = [rng.randint(FIRST_WORD, LAST_WORD) for _ in range(rng.randint(1, 3))]
                pieces.insert(rng.randint(0, len(pieces)), words)
        return self._row(pieces)

    def exact(self, tags: list[str]) -> list[int]:
        """The caption that names these tags in this order."""
        return self._row([self._pieces[tag] for tag in tags])

    def _row(self, pieces: list[list[int]]) -> list[int]:
        ids = [START]
        for index, piece in enumerate(pieces):
            ids += (self._pieces[","] if index else []) + piece
        ids = ids[: LENGTH - 1]
        return ids + [END] * (LENGTH - len(ids))


def batch_ids(captions: CaptionIds, scenes: list[frozenset[str]], seed: tuple[int, ...]) -> NDArray[np.int64]:
    """Captions for a batch of scenes, (B, 77)."""
    rng = Random(str(seed))
    return np.array([captions.sample(tags, rng) for tags in scenes], dtype=np.int64)
