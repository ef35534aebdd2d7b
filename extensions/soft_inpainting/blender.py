"""Mixes kept and drawn latents by a grey mask, and finds out afterwards where something was drawn."""

from __future__ import annotations

import torch
from PIL import Image
from torch import Tensor

from extensions.soft_inpainting.params import SoftInpaintingParams
from extensions.soft_inpainting.pixel_mask import Difference, pixel_mask

TINY = 1e-5


class SoftBlender:
    """Fulfils MaskBlender."""

    def __init__(self, params: SoftInpaintingParams) -> None:
        self._params = params
        self._difference: Difference | None = None

    def blend(self, original: Tensor, drawn: Tensor, mask: Tensor, sigma: float) -> Tensor:
        """The mask lets less of the drawing through the more noise there is: mask ^ (sigma ^ bias * strength)."""
        self._difference = None
        params = self._params
        share = mask.float() ** (sigma**params.mask_blend_power * params.mask_blend_scale)
        return mixed(original, drawn, share.to(drawn.dtype), params.inpaint_detail_preservation)

    def finish(self, original: Tensor, drawn: Tensor, mask: Tensor) -> Tensor:
        """What was drawn stays as it is; remembers how far each place has moved."""
        distance = torch.linalg.vector_norm(drawn.float() - original.float(), dim=1)
        self._difference = Difference(distance.cpu().numpy(), mask[0, 0].float().clamp(0, 1).cpu().numpy())
        return drawn

    def pixel_mask(self, place: int, width_px: int, height_px: int) -> Image.Image | None:
        """From the finished latents of the batch; None when it was stopped before."""
        return None if self._difference is None else pixel_mask(self._difference, place, (width_px, height_px), self._params)


def mixed(original: Tensor, drawn: Tensor, share: Tensor, exponent: float) -> Tensor:
    """Latents (B, C, h, w) between two, ``share`` (1, 1, h, w) of the second; also their length is between those of the two.

    The lengths are mixed as powers, so that the longer one counts more the higher the exponent is.
    """
    line = original * (1 - share) + drawn * share
    lengths = [torch.linalg.vector_norm(latent.double(), dim=1, keepdim=True) for latent in (line, original, drawn)]
    wanted = (lengths[1] ** exponent * (1 - share) + lengths[2] ** exponent * share) ** (1 / exponent)
    result: Tensor = line * (wanted / (lengths[0] + TINY)).to(line.dtype)
    return result
