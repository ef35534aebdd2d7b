"""Masks: from what the user gave to what the steps of inpainting need; white is drawn anew."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageChops, ImageEnhance, ImageFilter, ImageOps

from extensions.img2img.resizing import Enlarge, ResizeMode, Size, lanczos, resize

Box = tuple[int, int, int, int]
"""Left, upper, right, lower edge in pixels."""
HALF_OPAQUE = 128
WHITE = 255


def mask_of(image: Image.Image, *, rounds: bool) -> Image.Image:
    """The mask ("L") of a picture: its transparency where it has any, else its brightness."""
    if image.mode in ("RGBA", "LA", "PA"):
        alpha = image.getchannel("A")
        if alpha.getextrema() != (WHITE, WHITE):
            return alpha.point([WHITE if level > HALF_OPAQUE else 0 for level in range(256)]) if rounds else alpha
    return image.convert("L")


def is_blank(mask: Image.Image) -> bool:
    """True when nothing is to be drawn."""
    return mask.getbbox() is None


def area_around(mask: Image.Image, padding_px: int, target: Size) -> Box | None:
    """The part of the picture that is drawn for this mask, in the shape of ``target``; None for a blank mask.

    The mask's bounding box with ``padding_px`` on each side, widened or heightened evenly and moved to lie inside the picture.
    """
    found = mask.getbbox()
    if found is None:
        return None
    left, up = max(found[0] - padding_px, 0), max(found[1] - padding_px, 0)
    right, down = min(found[2] + padding_px, mask.width), min(found[3] + padding_px, mask.height)
    shape = target[0] / target[1]
    if (right - left) / (down - up) > shape:
        up, down = _stretched(up, down, int((right - left) / shape - (down - up)), mask.height)
    else:
        left, right = _stretched(left, right, int((down - up) * shape - (right - left)), mask.width)
    return left, up, right, down


def _stretched(start: int, end: int, by: int, limit: int) -> tuple[int, int]:
    """A stretch of an axis made longer at both ends, moved inside 0 to ``limit`` and cut where it does not fit."""
    start, end = start - by // 2, end + by - by // 2
    if end >= limit:
        start, end = start - (end - limit), limit
    if start < 0:
        start, end = 0, end - start
    return start, min(end, limit)


def doubled(mask: Image.Image) -> Image.Image:
    """Twice as white, at most white: the blurred rim of a mask begins outside of it."""
    return mask.point([min(2 * level, WHITE) for level in range(256)])


def kept_part(image: Image.Image, mask: Image.Image) -> Image.Image:
    """The picture ("RGBA") with what the mask shows cut out, to be laid over the result."""
    return _cut_out(image, mask).convert("RGBA")


def _cut_out(image: Image.Image, mask: Image.Image) -> Image.Image:
    """The picture with what the mask shows cut out, its colours multiplied by their opacity ("RGBa")."""
    cut = Image.new("RGBa", image.size)
    cut.paste(image.convert("RGBA").convert("RGBa"), mask=ImageOps.invert(mask))
    return cut


FILL_RADII = (256, 64, 16, 16, 4, 4, 4, 4, 2, 2, 0)


def fill(image: Image.Image, mask: Image.Image) -> Image.Image:
    """The picture with colours of the surroundings under the mask: ever less blurred copies of the rest, one over the other."""
    rest = _cut_out(image, mask)
    filled = Image.new("RGBA", image.size)
    layer, radius = rest, -1
    for next_radius in FILL_RADII:
        if next_radius != radius:
            layer, radius = rest.filter(ImageFilter.GaussianBlur(next_radius)).convert("RGBA"), next_radius
        filled.alpha_composite(layer)
    return filled.convert("RGB")


def painted_mask(sketch: Image.Image, original: Image.Image, transparency: float) -> Image.Image:
    """The mask ("L") of what was painted over; ``transparency`` in percent makes it greyer."""
    difference = np.asarray(ImageChops.difference(sketch.convert("RGB"), original.convert("RGB")))
    mask = Image.fromarray(np.where(difference.any(axis=-1), WHITE, 0).astype(np.uint8))
    return ImageEnhance.Brightness(mask).enhance(1 - transparency / 100)


def blended_sketch(sketch: Image.Image, original: Image.Image, mask: Image.Image, blur_px: float) -> Image.Image:
    """The painting, blurred, over the original, with the mask's edges blurred alike."""
    soft = ImageFilter.GaussianBlur(blur_px)
    return Image.composite(sketch.convert("RGB").filter(soft), original.convert("RGB"), mask.filter(soft))


def composite(drawn: Image.Image, mask: Image.Image) -> Image.Image:
    """What was drawn ("RGBA") where the mask ("L") of any size is white, transparent elsewhere."""
    shown = resize(mask, drawn.size, ResizeMode.FILL)
    return Image.composite(drawn.convert("RGBA").convert("RGBa"), Image.new("RGBa", drawn.size), shown).convert("RGBA")


def to_place(image: Image.Image, canvas: Size, box: Box, enlarge: Enlarge = lanczos) -> Image.Image:
    """A drawn part ("RGB" or "L") back in its place on a canvas that is transparent, or black, elsewhere."""
    part = resize(image, (box[2] - box[0], box[3] - box[1]), ResizeMode.CROP, enlarge)
    placed = Image.new("L" if image.mode == "L" else "RGBA", canvas)
    placed.paste(part, (box[0], box[1]))
    return placed
