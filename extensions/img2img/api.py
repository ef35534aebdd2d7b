"""What other extensions may use of image to image: how kept and drawn parts are blended, its parameters, the names in its tab."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from app.api import StashKey
from extensions.img2img.cells import cell_request, drawn_picture, first_sample, start_picture
from extensions.img2img.first_picture import first_picture
from extensions.img2img.modes import FORM, INPAINT_CLASS
from extensions.img2img.params import Img2ImgParams

if TYPE_CHECKING:
    from PIL import Image
    from torch import Tensor

__all__ = [
    "BLENDER",
    "FORM",
    "INPAINT_CLASS",
    "Img2ImgParams",
    "MaskBlender",
    "cell_request",
    "drawn_picture",
    "first_picture",
    "first_sample",
    "start_picture",
]


class MaskBlender(Protocol):
    """Blends what is kept with what is drawn, in place of hard edges; masks are not rounded then. Latent masks: (1, 1, h, w), 1 = drawn.

    One is in use for a whole job; batches follow one another.
    """

    def blend(self, original: Tensor, drawn: Tensor, mask: Tensor, sigma: float) -> Tensor:
        """The latents (B, C, h, w) that go on at a model call at ``sigma``."""
        ...

    def finish(self, original: Tensor, drawn: Tensor, mask: Tensor) -> Tensor:
        """The latents (B, C, h, w) that are decoded."""
        ...

    def pixel_mask(self, place: int, width_px: int, height_px: int) -> Image.Image | None:
        """Where picture ``place`` of the batch shows what was drawn ("L", white = drawn); None: as the user's mask says."""
        ...


BLENDER = StashKey[MaskBlender]("img2img mask blender")
"""In ``run.stash``; put one there in an ``edit_plan`` that is marked ``tryfirst``: masks are read with it in mind."""
