"""What an extension gives that enlarges latents or pictures; no torch at import time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from app.contracts.running import Run

if TYPE_CHECKING:
    from PIL import Image
    from torch import Tensor

LatentUpscale = Callable[["Tensor", tuple[int, int]], "Tensor"]
"""Latents (B, C, h, w) and a size (h, w) in latent pixels -> latents of that size."""

PixelUpscale = Callable[["Image.Image", float, "Run"], "Image.Image"]
"""A picture and the wanted factor -> a larger picture; the factor may be missed (networks have one of their own)."""


@dataclass(frozen=True)
class Upscaler:
    """An upscaler as listed to users; exactly one of ``latent`` and ``pixel`` imports its function (that is where torch comes in).

    ``scale`` is the factor that a network was made for, ``model_path`` its file; both are facts for lists.
    """

    name: str
    latent: Callable[[], LatentUpscale] | None = None
    pixel: Callable[[], PixelUpscale] | None = None
    order: int = 0
    scale: float = 4
    model_name: str | None = None
    model_path: str | None = None
    aliases: tuple[str, ...] = ()

    @property
    def space(self) -> Literal["latent", "pixel"]:
        """What it enlarges."""
        return "pixel" if self.latent is None else "latent"
