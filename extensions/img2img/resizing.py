"""Brings a picture to the size that is drawn: stretched, cropped, or with filled bands."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum

from PIL import Image

Size = tuple[int, int]
"""Width and height in pixels."""
Enlarge = Callable[[Image.Image, Size], Image.Image]
"""Brings a picture to exactly a size, smaller ones too."""


class ResizeMode(IntEnum):
    """How a picture of another shape is brought to size; LATENT leaves the pixels of pictures alone, masks are filled."""

    STRETCH = 0
    CROP = 1
    FILL = 2
    LATENT = 3


def lanczos(image: Image.Image, size: Size) -> Image.Image:
    """The picture stretched or shrunk to a size."""
    return image.resize(size, Image.Resampling.LANCZOS)


def resize(image: Image.Image, size: Size, mode: ResizeMode, enlarge: Enlarge = lanczos) -> Image.Image:
    """The picture in exactly ``size``, in the mode ("L", "RGB") that it has; ``enlarge`` does the resampling.

    CROP covers the size and cuts off what is too much on both sides. FILL fits the picture in; the bands beside it repeat its edges.
    """
    if mode is ResizeMode.STRETCH:
        return enlarge(image, size)
    width, height = size
    wider_than_image = width * image.height > image.width * height
    if wider_than_image == (mode is ResizeMode.CROP):
        inner = (width, image.height * width // image.width)
    else:
        inner = (image.width * height // image.height, height)
    scaled = enlarge(image, (max(1, inner[0]), max(1, inner[1])))
    left, top = width // 2 - scaled.width // 2, height // 2 - scaled.height // 2
    canvas = Image.new(image.mode, size)
    canvas.paste(scaled, (left, top))
    if mode is not ResizeMode.CROP:
        _fill_bands(canvas, scaled, left, top)
    return canvas


def _fill_bands(canvas: Image.Image, scaled: Image.Image, left: int, top: int) -> None:
    """Stretch the outermost lines of ``scaled`` over what it leaves free of ``canvas``."""
    right, bottom = left + scaled.width, top + scaled.height
    if top > 0:
        canvas.paste(_edge(scaled, (scaled.width, top), (0, 0, scaled.width, 0)), (left, 0))
    if bottom < canvas.height:
        edge = (0, scaled.height, scaled.width, scaled.height)
        canvas.paste(_edge(scaled, (scaled.width, canvas.height - bottom), edge), (left, bottom))
    if left > 0:
        canvas.paste(_edge(scaled, (left, scaled.height), (0, 0, 0, scaled.height)), (0, top))
    if right < canvas.width:
        edge = (scaled.width, 0, scaled.width, scaled.height)
        canvas.paste(_edge(scaled, (canvas.width - right, scaled.height), edge), (right, top))


def _edge(image: Image.Image, size: Size, box: tuple[int, int, int, int]) -> Image.Image:
    """A line of the picture, given as a box without area, stretched over ``size``."""
    return image.resize(size, box=box)


def extend(image: Image.Image, left: int, up: int, right: int, down: int) -> Image.Image:
    """The picture on a larger canvas, its edges stretched outwards, corners included."""
    width, height = image.size
    canvas = Image.new(image.mode, (left + width + right, up + height + down))
    canvas.paste(image, (left, up))
    if left:
        canvas.paste(image.crop((0, 0, 1, height)).resize((left, height)), (0, up))
    if right:
        canvas.paste(image.crop((width - 1, 0, width, height)).resize((right, height)), (left + width, up))
    if up:
        canvas.paste(canvas.crop((0, up, canvas.width, up + 1)).resize((canvas.width, up)), (0, 0))
    if down:
        row = canvas.crop((0, up + height - 1, canvas.width, up + height))
        canvas.paste(row.resize((canvas.width, down)), (0, up + height))
    return canvas
