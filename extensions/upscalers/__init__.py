"""The upscalers that need no model: None, Lanczos, Nearest, and six ways to enlarge latents."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.api import Upscaler, hookimpl
from extensions.upscalers.latent import LATENT_MODES, interpolation
from extensions.upscalers.pixel import lanczos, nearest, unchanged

if TYPE_CHECKING:
    from app.api import Host

FIRST = -100
"""These come before all others, by A1111's order."""


@hookimpl
def register_upscalers(host: Host) -> Iterable[Upscaler]:
    """Latent modes first, as A1111's list has them."""
    latent = [Upscaler(name, latent=interpolation(mode), order=FIRST) for name, mode in LATENT_MODES.items()]
    pixel = {"None": unchanged, "Lanczos": lanczos, "Nearest": nearest}
    return [*latent, *(Upscaler(name, pixel=load, order=FIRST) for name, load in pixel.items())]
