"""Lets the up blocks of a U-Net weigh their features (Si et al. 2023, arXiv:2309.11497), as diffusers' blocks can."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from app.api import LoadedModel


class FreeUPatch:
    """A ModelPatch: b1, b2 scale half of the backbone's channels in the two lowest levels, s1, s2 the low frequencies of their skips."""

    def __init__(self, factors: dict[str, float]) -> None:
        self.key = f"freeu {factors}"
        self._factors = factors

    @contextmanager
    def apply(self, model: LoadedModel) -> Iterator[None]:
        """Set the factors for the length of the context; those of before, if any, come back."""
        unet: Any = model.modules()["unet"]
        before = {name: getattr(unet.up_blocks[0], name, None) for name in self._factors}
        try:
            unet.enable_freeu(**self._factors)
            yield
        finally:
            unet.enable_freeu(**before)
