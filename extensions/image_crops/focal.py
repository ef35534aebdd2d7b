"""Cuts a size out of a picture around what is interesting: faces, information and edges, mixed by weights."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from app.api import Run
from extensions.extras.api import Picture
from extensions.image_crops.faces import face_points
from extensions.image_crops.params import FocalParams
from extensions.image_crops.split import NO_SIZE

LANCZOS = Image.Resampling.LANCZOS
LOOK_PX = 256
"""Longer side of the copy in which is looked."""
STRONGEST = 0.02
"""Share of the pixels that count as edges."""
BINS, PLACES = 32, 24
Point = tuple[float, float]
"""x and y, 0..1 of the sides."""
COLOURS = {"face": "#e74c3c", "entropy": "#f1c40f", "edges": "#3498db"}


@dataclass(frozen=True)
class Found:
    """A point of one finder with its weight."""

    name: str
    point: Point
    weight: float


def cut_around_focus(picture: Picture, params: FocalParams, run: Run) -> Iterable[Picture]:
    """The cut picture, and one that shows how it came about where that is asked for."""
    if picture.target_px is None:
        run.comment(NO_SIZE)
        return [picture]
    image, size = covering(picture.image, picture.target_px), picture.target_px
    found = points_of(image, size, params)
    box = box_around(focus_of(found), image.size, size)
    pictures = [picture.with_image(image.crop(box))]
    if params.debug:
        pictures.append(picture.with_image(_explained(image, found, box), tag="focus"))
    return pictures


def covering(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The picture scaled so that it just covers the size."""
    factor = max(size[0] / image.width, size[1] / image.height)
    scaled = (max(size[0], round(image.width * factor)), max(size[1], round(image.height * factor)))
    return image if scaled == image.size else image.resize(scaled, LANCZOS)


def points_of(image: Image.Image, size: tuple[int, int], params: FocalParams) -> list[Found]:
    """What each finder with a weight has found."""
    factor = min(1.0, LOOK_PX / max(image.size))
    small = image.convert("L").resize((max(2, round(image.width * factor)), max(2, round(image.height * factor))), LANCZOS)
    grey = np.asarray(small, np.float32)
    window = (min(1.0, size[0] / image.width), min(1.0, size[1] / image.height))
    found = []
    if params.face_weight:
        found += [Found("face", point, params.face_weight) for point in face_points(image)]
    if params.entropy_weight:
        found.append(Found("entropy", entropy_point(grey, window), params.entropy_weight))
    if params.edges_weight and (point := edge_point(grey)):
        found.append(Found("edges", point, params.edges_weight))
    return found


def focus_of(found: list[Found]) -> Point:
    """The mean by weight; the middle where nothing was found. Several faces share the weight of one."""
    faces = sum(each.name == "face" for each in found) or 1
    weights = [each.weight / (faces if each.name == "face" else 1) for each in found]
    total = sum(weights)
    if not total:
        return 0.5, 0.5
    pairs = list(zip(found, weights, strict=True))
    return sum(each.point[0] * weight for each, weight in pairs) / total, sum(each.point[1] * weight for each, weight in pairs) / total


def box_around(focus: Point, image: tuple[int, int], size: tuple[int, int]) -> tuple[int, int, int, int]:
    """A box of the size inside of the picture, its middle as near to the focus as can be."""
    left = min(max(0, round(focus[0] * image[0] - size[0] / 2)), image[0] - size[0])
    top = min(max(0, round(focus[1] * image[1] - size[1] / 2)), image[1] - size[1])
    return left, top, left + size[0], top + size[1]


def edge_point(grey: NDArray[np.float32]) -> Point | None:
    """The middle of the strongest edges of (h, w); None for a picture without any."""
    down, right = np.gradient(grey)
    strength = np.hypot(down, right)
    limit = np.quantile(strength, 1 - STRONGEST)
    y, x = np.nonzero((strength >= limit) & (strength > 0))
    if not len(x):
        return None
    return float((x.mean() + 0.5) / grey.shape[1]), float((y.mean() + 0.5) / grey.shape[0])


def entropy_point(grey: NDArray[np.float32], window: Point) -> Point:
    """The middle of the window (its sides as shares of the picture's) whose histogram has the highest entropy."""
    height, width = max(1, round(grey.shape[0] * window[1])), max(1, round(grey.shape[1] * window[0]))
    best, place = -1.0, (0.5, 0.5)
    for top in _places(grey.shape[0] - height):
        for left in _places(grey.shape[1] - width):
            value = _entropy(grey[top : top + height, left : left + width])
            if value > best + 1e-6:
                best, place = value, ((left + width / 2) / grey.shape[1], (top + height / 2) / grey.shape[0])
    return place


def _places(room: int) -> list[int]:
    return sorted({round(number * room / PLACES) for number in range(PLACES + 1)})


def _entropy(part: NDArray[np.float32]) -> float:
    counts, _ = np.histogram(part, BINS, (0, 256))
    shares = counts[counts > 0] / part.size
    return float(-(shares * np.log2(shares)).sum())


def _explained(image: Image.Image, found: list[Found], box: tuple[int, int, int, int]) -> Image.Image:
    shown = image.convert("RGB")
    draw, radius = ImageDraw.Draw(shown), max(3, max(shown.size) // 60)
    for each in found:
        x, y = each.point[0] * shown.width, each.point[1] * shown.height
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=COLOURS[each.name], width=max(2, radius // 3))
    draw.rectangle((box[0], box[1], box[2] - 1, box[3] - 1), outline="#2ecc71", width=max(2, radius // 3))
    return shown
