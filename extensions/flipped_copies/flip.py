"""Adds mirrored copies to a picture."""

from __future__ import annotations

from collections.abc import Iterable

from PIL import Image, ImageOps

from app.api import Run
from extensions.extras.api import Picture
from extensions.flipped_copies import FlipParams


def with_copies(picture: Picture, params: FlipParams, run: Run) -> Iterable[Picture]:
    """The picture, then the copies that are asked for."""
    yield picture
    if params.horizontal:
        yield picture.with_image(ImageOps.mirror(picture.image), tag="flipped-h")
    if params.vertical:
        yield picture.with_image(ImageOps.flip(picture.image), tag="flipped-v")
    if params.both:
        yield picture.with_image(picture.image.transpose(Image.Transpose.ROTATE_180), tag="flipped-hv")
