"""Enlarging latents by interpolation, under the names that A1111 gives the ways to do it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from app.api import LatentUpscale

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Interpolation:
    """A mode of torch's ``interpolate``; ``antialias`` matters only where the latents shrink."""

    mode: str
    antialias: bool = False


LATENT_MODES: Mapping[str, Interpolation] = MappingProxyType(
    {
        "Latent": Interpolation("bilinear"),
        "Latent (antialiased)": Interpolation("bilinear", antialias=True),
        "Latent (bicubic)": Interpolation("bicubic"),
        "Latent (bicubic antialiased)": Interpolation("bicubic", antialias=True),
        "Latent (nearest)": Interpolation("nearest"),
        "Latent (nearest-exact)": Interpolation("nearest-exact"),
    }
)


def interpolation(way: Interpolation) -> Callable[[], LatentUpscale]:
    """What loads the function of one way."""

    def load() -> LatentUpscale:
        from torch.nn.functional import interpolate

        def enlarge(latents: Tensor, size: tuple[int, int]) -> Tensor:
            return interpolate(latents, size=size, mode=way.mode, antialias=way.antialias)

        return enlarge

    return load
