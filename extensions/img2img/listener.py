"""Follows the steps of inpainting: what is not masked stays what it was."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from app.api import DenoiseState
from extensions.img2img.api import MaskBlender


class HardEdges:
    """Fulfils MaskBlender: each part of the latent is either the original's or what was drawn."""

    def blend(self, original: Tensor, drawn: Tensor, mask: Tensor, sigma: float) -> Tensor:
        """The one where the mask is 0, the other where it is 1."""
        return drawn * mask + original * (1 - mask)

    def finish(self, original: Tensor, drawn: Tensor, mask: Tensor) -> Tensor:
        """As at every step."""
        return self.blend(original, drawn, mask, 0.0)

    def pixel_mask(self, place: int, width_px: int, height_px: int) -> None:
        """The user's mask decides."""


@dataclass(frozen=True)
class MaskListener:
    """Fulfils DenoiseListener: keeps ``original`` (B, C, h, w) where ``mask`` (1, 1, h, w) is 0.

    Samplers in sigma space get it after each call of the model, those in timestep space before; both at the end.
    """

    original: Tensor
    mask: Tensor
    blender: MaskBlender

    def begin(self, latents: Tensor, state: DenoiseState) -> None:
        """The start is noised as a whole."""

    def before_model(self, x: Tensor, state: DenoiseState) -> Tensor:
        """What the model is shown in timestep space."""
        return self._blended(x, state) if state.space == "timestep" else x

    def after_model(self, denoised: Tensor, state: DenoiseState) -> Tensor:
        """The prediction in sigma space."""
        return self._blended(denoised, state) if state.space == "sigma" else denoised

    def after_step(self, denoised: Tensor, state: DenoiseState) -> None:
        """Nothing to be done."""

    def end(self, latents: Tensor) -> Tensor:
        """The finished latents."""
        return self.blender.finish(*self._at(latents))

    def _blended(self, x: Tensor, state: DenoiseState) -> Tensor:
        return self.blender.blend(*self._at(x), state.level)

    def _at(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return self.original.to(x.device, x.dtype), x, self.mask.to(x.device, x.dtype)
