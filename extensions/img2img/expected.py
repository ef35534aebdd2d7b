"""The size of what image to image gives, seen before anything is drawn."""

from __future__ import annotations

from PIL import Image, UnidentifiedImageError

from app.api import Asked, UserError
from extensions.img2img.outpaint import STEP_PX, Canvas
from extensions.img2img.params import Img2ImgParams
from extensions.img2img.resizing import Size

ORIENTATION, FIRST_TURNED = 0x0112, 5
"""The EXIF tag, and the first of its values of pictures that lie on their side."""


def expected(params: Img2ImgParams, asked_for: Size, asked: Asked) -> Size:
    """The asked size, unless it follows from that of the picture; a picture that cannot be read is refused when it is drawn from."""
    follows = params.outpaints or params.scale is not None or (params.inpaint_full_res and params.has_mask)
    picture = _size_of(params.init_images[0], asked) if params.init_images and follows else None
    if picture is None:
        return asked_for
    if params.outpaints:
        return Canvas.of(params, picture).wanted
    if params.inpaint_full_res and params.has_mask:
        return picture
    width, height = (int(side * (params.scale or 1)) // STEP_PX * STEP_PX for side in picture)
    return width, height


def _size_of(ref: str, asked: Asked) -> Size | None:
    try:
        with Image.open(asked.host.inputs.find(ref, asked.owner)) as picture:
            lies = picture.getexif().get(ORIENTATION, 1) >= FIRST_TURNED
            return (picture.height, picture.width) if lies else picture.size
    except (OSError, UserError, UnidentifiedImageError):
        return None
