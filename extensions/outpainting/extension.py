"""How far a picture is extended, sides of the result being multiples of 64 pixels, and the requests that draw the new parts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from PIL import Image

from app.api import GenerationRequest, ScriptTask, UserError
from extensions.img2img.api import Img2ImgParams, cell_request

STEP_PX = 64
MOST_PX = 16384


@dataclass(frozen=True)
class Extension:
    """Pixels on each side of a picture of ``size``."""

    size: tuple[int, int]
    left: int
    right: int
    up: int
    down: int

    @classmethod
    def of(cls, size: tuple[int, int], pixels: int, sides: Collection[str]) -> Extension:
        """``pixels`` on the named sides and what is missing to the next multiple of 64, shared among opposite ones."""
        left, right = _shared(size[0], pixels * ("left" in sides), pixels * ("right" in sides))
        up, down = _shared(size[1], pixels * ("up" in sides), pixels * ("down" in sides))
        return cls(size, left, right, up, down)

    @property
    def whole(self) -> tuple[int, int]:
        """Size of the result."""
        return self.size[0] + self.left + self.right, self.size[1] + self.up + self.down


def _shared(side_px: int, before: int, after: int) -> tuple[int, int]:
    if not before and not after:
        return 0, 0
    added = -(-(side_px + before + after) // STEP_PX) * STEP_PX - side_px
    first = before * added // (before + after)
    return first, added - first if after else 0


def checked_start(task: ScriptTask, sides: Collection[str]) -> Img2ImgParams:
    """What img2img is asked for; raises UserError for what cannot be combined with extending the picture."""
    start = Img2ImgParams.of(task.request.params)
    if not sides:
        raise UserError("No side is chosen to extend the picture on.", hint="Choose at least one direction.", field="direction")
    if start.has_mask:
        what = "The outpainting scripts make a mask of their own and cannot be combined with another one, or with extending on the canvas."
        raise UserError(what, hint="Choose img2img without a mask.", field="mask")
    return start


def checked_size(size: tuple[int, int]) -> tuple[int, int]:
    """The size; raises UserError for one that no request can have."""
    if max(size) > MOST_PX:
        raise UserError(f"The result would have {size[0]}x{size[1]} pixels; sides may have {MOST_PX}.", field="pixels")
    return size


def masked_request(
    task: ScriptTask, start: Img2ImgParams, picture: Image.Image, mask: Image.Image, seed: int, **changes: object
) -> GenerationRequest:
    """The request that draws the white part of the ``mask`` ("L") on a picture; ``changes`` are further fields of ``start``."""
    masked = {"mask": task.take_in(mask), "inpaint_full_res": False, "inpainting_mask_invert": False}
    return cell_request(task, start, [picture], seed, **masked, **changes)
