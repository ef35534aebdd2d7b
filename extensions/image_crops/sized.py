"""Cuts the middle of a picture in the size that fits it best."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PIL import Image, ImageOps

from app.api import Run, UserError
from extensions.extras.api import Picture
from extensions.image_crops.params import SizeParams

if TYPE_CHECKING:
    from app.api import Host

STEP_PX = 64
LANCZOS = Image.Resampling.LANCZOS


def check_sizes(params: SizeParams, host: Host) -> None:
    """Raise UserError for limits that no size keeps to."""
    if params.mindim > params.maxdim:
        raise UserError("The lower bound of the dimensions is above the upper one.", field="mindim")
    if params.minarea > params.maxarea:
        raise UserError("The lower bound of the area is above the upper one.", field="minarea")


def cut_to_best_size(picture: Picture, params: SizeParams, run: Run) -> Iterable[Picture]:
    """The picture in its best size; as it is, with a comment, where none fits."""
    size = best_size(picture.image.size, params)
    if size is None:
        run.comment(f"No size within the limits is near enough to the shape of {picture.image.width}x{picture.image.height}.")
        return [picture]
    return [picture.with_image(ImageOps.fit(picture.image, size, LANCZOS))]


def best_size(size: tuple[int, int], params: SizeParams) -> tuple[int, int] | None:
    """The size within the limits that is largest, or whose shape is nearest; None when all are too far from the picture's shape."""
    sides = range(params.mindim, params.maxdim + 1, STEP_PX)
    fitting = [
        (error, width * height, (width, height))
        for width in sides
        for height in sides
        if params.minarea <= width * height <= params.maxarea and (error := shape_error(size, (width, height))) <= params.threshold
    ]
    if not fitting:
        return None
    if params.objective == "Maximize area":
        return max(fitting, key=lambda found: (found[1], -found[0]))[2]
    return max(fitting, key=lambda found: (-found[0], found[1]))[2]


def shape_error(size: tuple[int, int], other: tuple[int, int]) -> float:
    """Share of a picture that is lost when it is cut to the shape of another size; 0 for the same shape."""
    ratio = (size[0] / size[1]) / (other[0] / other[1])
    return 1 - min(ratio, 1 / ratio)
