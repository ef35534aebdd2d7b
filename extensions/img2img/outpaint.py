"""Outpainting: the picture on a larger canvas, whose new part is masked."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageOps

from extensions.img2img.params import Img2ImgParams
from extensions.img2img.resizing import Size, extend

STEP_PX = 8
WHITE = 255


@dataclass(frozen=True)
class Canvas:
    """How far the picture is extended on each side in pixels; ``wanted`` is the size of the result.

    The drawing's sides are multiples of 8, so right and below a few more pixels may be drawn than wanted.
    """

    left: int
    up: int
    right: int
    down: int
    wanted: Size

    @classmethod
    def of(cls, params: Img2ImgParams, picture: Size) -> Canvas:
        """The canvas that a request asks for."""
        width = params.outpaint_left + picture[0] + params.outpaint_right
        height = params.outpaint_up + picture[1] + params.outpaint_down
        right, down = params.outpaint_right + -width % STEP_PX, params.outpaint_down + -height % STEP_PX
        return cls(params.outpaint_left, params.outpaint_up, right, down, (width, height))

    def size_of(self, picture: Size) -> Size:
        """Size of the drawing."""
        return self.left + picture[0] + self.right, self.up + picture[1] + self.down

    def extended(self, image: Image.Image) -> Image.Image:
        """The picture with its edges stretched over the new part."""
        return extend(image, self.left, self.up, self.right, self.down)

    def mask(self, picture: Size, params: Img2ImgParams, own: Image.Image | None) -> Image.Image:
        """White in the new part, and where the user's ``own`` mask is white in the picture.

        The mask is blurred and doubled afterwards; so that no stretched edge shines through, it reaches into the picture by the blur.
        """
        inside = Image.new("L", picture, 0) if own is None else own.resize(picture)
        if own is not None and params.inpainting_mask_invert:
            inside = ImageOps.invert(inside)
        mask = Image.new("L", self.size_of(picture), WHITE)
        overlap_x, overlap_y = min(params.mask_blur_x, picture[0] // 4), min(params.mask_blur_y, picture[1] // 4)
        box = (
            overlap_x if self.left else 0,
            overlap_y if self.up else 0,
            picture[0] - (overlap_x if params.outpaint_right else 0),
            picture[1] - (overlap_y if params.outpaint_down else 0),
        )
        mask.paste(inside.crop(box), (self.left + box[0], self.up + box[1]))
        if not params.outpaint_right:
            mask.paste(0, (self.left + picture[0], 0, mask.width, mask.height))
        if not params.outpaint_down:
            mask.paste(0, (0, self.up + picture[1], mask.width, mask.height))
        return mask
