"""Cuts pictures that are much taller or wider than a size into several of that size."""

from __future__ import annotations

import math
from collections.abc import Iterable

from PIL import Image

from app.api import Run
from extensions.extras.api import Picture
from extensions.image_crops.params import SplitParams

LANCZOS = Image.Resampling.LANCZOS
NO_SIZE = 'There is no size to cut to: tick "Upscale" and choose "Scale to".'


def split(picture: Picture, params: SplitParams, run: Run) -> Iterable[Picture]:
    """The parts; the picture alone where its shape is near that of the size."""
    if picture.target_px is None:
        run.comment(NO_SIZE)
        return [picture]
    width, height = picture.image.size
    target_width, target_height = picture.target_px
    is_tall = height > width
    ratio = (width * target_height) / (height * target_width) if is_tall else (height * target_width) / (width * target_height)
    if ratio >= 1 or ratio > params.threshold:
        return [picture]
    parts = parts_of(picture.image, picture.target_px, params.overlap, is_tall=is_tall)
    return [picture.with_image(part, tag=f"part{number}") for number, part in enumerate(parts, 1)]


def parts_of(image: Image.Image, size: tuple[int, int], overlap: float, *, is_tall: bool) -> list[Image.Image]:
    """The picture, as wide (or high) as ``size``, in parts of that size at equal distances that share at least ``overlap``."""
    width, height = size
    if is_tall:
        image = image.resize((width, max(height, round(image.height * width / image.width))), LANCZOS)
        starts = starts_of(image.height, height, overlap)
        return [image.crop((0, start, width, start + height)) for start in starts]
    image = image.resize((max(width, round(image.width * height / image.height)), height), LANCZOS)
    return [image.crop((start, 0, start + width, height)) for start in starts_of(image.width, width, overlap)]


def starts_of(length: int, part: int, overlap: float) -> list[int]:
    """Where the parts begin."""
    count = max(1, math.ceil((length - part * overlap) / (part * (1 - overlap))))
    if count == 1:
        return [0]
    return [round(number * (length - part) / (count - 1)) for number in range(count)]
