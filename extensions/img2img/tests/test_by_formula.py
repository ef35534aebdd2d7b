"""Resizing, filling and colour correction against their formulas, written once more in another way: in loops over exact numbers."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from extensions.img2img.colors import match_colors
from extensions.img2img.masks import fill
from extensions.img2img.resizing import ResizeMode, resize
from extensions.img2img.tests.conftest import box_mask, noisy

# --- resizing ---


def lanczos(levels: np.ndarray, length: int) -> np.ndarray:
    """Rows brought to a length by the windowed sinc of six lobes, which is as much wider as the picture gets smaller."""
    shrink = max(len(levels) / length, 1.0)
    result = []
    for place in range(length):
        middle = (place + 0.5) * len(levels) / length
        weights = []
        for row in range(len(levels)):
            x = (row + 0.5 - middle) / shrink
            weights.append(np.sinc(x) * np.sinc(x / 3) if abs(x) < 3 else 0.0)
        result.append(np.tensordot(np.array(weights) / sum(weights), levels, 1))
    return np.clip(np.rint(result), 0, 255)


def scaled(image: Image.Image, size: tuple[int, int]) -> np.ndarray:
    across = lanczos(np.asarray(image, dtype=float).swapaxes(0, 1), size[0]).swapaxes(0, 1)
    return lanczos(across, size[1])


SIZES = [((40, 24), (64, 64)), ((24, 40), (64, 64)), ((90, 30), (40, 56)), ((33, 47), (48, 32)), ((50, 50), (24, 40))]


@pytest.mark.parametrize(("given", "wanted"), SIZES)
def test_cropping_covers_and_cuts_both_sides(given, wanted):
    image, (width, height) = noisy(*given), wanted
    factor = max(Fraction(width, given[0]), Fraction(height, given[1]))
    inner = tuple(math.floor(side * factor) for side in given)
    left, top = (inner[0] // 2 - width // 2, inner[1] // 2 - height // 2)
    expected = scaled(image, inner)[top : top + height, left : left + width]
    result = np.asarray(resize(image, wanted, ResizeMode.CROP)).astype(int)
    assert inner[0] == width or inner[1] == height
    assert np.abs(result - expected).max() <= 1


@pytest.mark.parametrize(("given", "wanted"), SIZES)
def test_filling_fits_in_and_stretches_the_outermost_line(given, wanted):
    """A line stretched by the cubic kernel (a = -1/2) from a box without height weighs the two outermost rows 9/8 and -1/8."""
    image, (width, height) = noisy(*given), wanted
    factor = min(Fraction(width, given[0]), Fraction(height, given[1]))
    inner = tuple(math.floor(side * factor) for side in given)
    left, top = width // 2 - inner[0] // 2, height // 2 - inner[1] // 2
    middle = scaled(image, inner)
    result = np.asarray(resize(image, wanted, ResizeMode.FILL)).astype(int)
    assert np.abs(result[top : top + inner[1], left : left + inner[0]] - middle).max() <= 1
    turned, lines = (result, middle) if left == 0 else (result.swapaxes(0, 1), middle.swapaxes(0, 1))
    start, end = (top, top + inner[1]) if left == 0 else (left, left + inner[0])
    for band, (outer, next_to_it) in ((turned[:start], (lines[0], lines[1])), (turned[end:], (lines[-1], lines[-2]))):
        assert len(band) and np.abs(band - np.clip(9 / 8 * outer - 1 / 8 * next_to_it, 0, 255)).max() <= 2


# --- masked content "fill" ---


def gaussian(levels: np.ndarray, sigma: float) -> np.ndarray:
    """(H, W, C) blurred along both axes; the outermost pixels go on for ever."""
    if sigma == 0:
        return levels
    reach = math.ceil(4 * sigma)
    bell = [math.exp(-0.5 * (place / sigma) ** 2) for place in range(-reach, reach + 1)]
    for axis in (0, 1):
        wide = np.pad(levels, [(reach, reach) if one == axis else (0, 0) for one in range(3)], mode="edge")
        shifted = [np.take(wide, range(place, place + levels.shape[axis]), axis) * weight for place, weight in enumerate(bell)]
        levels = np.sum(shifted, axis=0) / sum(bell)
    return levels


def test_filling_lays_less_and_less_blurred_copies_of_the_rest_over_one_another():
    image = Image.fromarray(np.stack(np.broadcast_arrays(*np.ogrid[0:256:64j, 0:256:64j], 90), -1).astype(np.uint8))
    mask = box_mask((20, 16, 40, 44))
    kept = 1 - np.asarray(mask, dtype=float)[..., None] / 255
    rest = np.concatenate([np.asarray(image) * kept, kept], -1)
    result = np.zeros((64, 64, 4))
    for radius, times in ((256, 1), (64, 1), (16, 2), (4, 4), (2, 2), (0, 1)):
        layer = gaussian(rest, radius)
        for _ in range(times):
            result = layer + result * (1 - layer[..., 3:])
    expected = result[..., :3] / result[..., 3:]
    difference = np.abs(np.asarray(fill(image, mask)).astype(float) - expected)
    assert difference.mean() < 1.5 and difference.max() < 12, "Pillow's blur is a good approximation of a bell"
    assert (difference[kept[..., 0] == 1] < 1).all()


# --- colour correction ---

DELTA = 6 / 29


def lab_of(rgb: tuple[int, int, int]) -> tuple[int, int, int]:
    """CIE 1976 of sRGB (IEC 61966-2-1) under D65, in bytes."""
    linear = [level / 255 / 12.92 if level / 255 <= 0.04045 else ((level / 255 + 0.055) / 1.055) ** 2.4 for level in rgb]
    rows = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
    fx, fy, fz = (
        t ** (1 / 3) if (t := sum(a * b for a, b in zip(row, linear, strict=True)) / sum(row)) > DELTA**3 else t / (3 * DELTA**2) + 4 / 29
        for row in rows
    )
    values = ((116 * fy - 16) * 255 / 100, 500 * (fx - fy) + 128, 200 * (fy - fz) + 128)
    return tuple(min(255, max(0, round(value))) for value in values)  # type: ignore[return-value]


def rgb_of(lab: tuple[float, float, float]) -> list[float]:
    """The way back, 0 to 1."""
    fy = (lab[0] * 100 / 255 + 16) / 116
    whole = [f**3 if f > DELTA else 3 * DELTA**2 * (f - 4 / 29) for f in (fy + (lab[1] - 128) / 500, fy, fy - (lab[2] - 128) / 200)]
    xyz = [part * white for part, white in zip(whole, (0.9504700, 1.0, 1.0888300), strict=True)]
    rows = ((3.2404542, -1.5371385, -0.4985314), (-0.9692660, 1.8760108, 0.0415560), (0.0556434, -0.2040259, 1.0572252))
    linear = [min(1.0, max(0.0, sum(a * b for a, b in zip(row, xyz, strict=True)))) for row in rows]
    return [12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055 for part in linear]


def matched(source: list[int], reference: list[int]) -> dict[int, int]:
    """Each level of the source -> the level below which as large a share of the reference lies, in between in proportion."""
    steps = [(Fraction(sum(other <= level for other in reference), len(reference)), level) for level in sorted(set(reference))]
    mapping = {}
    for level in set(source):
        share = Fraction(sum(other <= level for other in source), len(source))
        below = max((step for step in steps if step[0] <= share), default=steps[0])
        above = min((step for step in steps if step[0] >= share), default=steps[-1])
        part = (share - below[0]) / (above[0] - below[0]) if above[0] != below[0] else Fraction(0)
        mapping[level] = int(below[1] + part * (above[1] - below[1])) if share >= steps[0][0] else steps[0][1]
    return mapping


def luminosity(colour: list[float]) -> float:
    return 0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2]


def lit(colour: list[float], wanted: float) -> list[float]:
    """SetLum and ClipColor of the W3C's blend modes."""
    moved = [part + wanted - luminosity(colour) for part in colour]
    lum = luminosity(moved)
    if min(moved) < 0:
        lowest = min(moved)
        moved = [lum + (part - lum) * lum / (lum - lowest) for part in moved]
    if max(moved) > 1:
        highest = max(moved)
        moved = [lum + (part - lum) * (1 - lum) / (highest - lum) for part in moved]
    return moved


def test_colours_are_matched_channel_by_channel_in_lab_and_keep_their_luminosity():
    image = Image.fromarray((np.asarray(noisy(12, 10, seed=1)) * [0.5, 0.6, 0.9] + [60, 20, 0]).astype(np.uint8))
    reference = Image.fromarray((np.asarray(noisy(9, 14, seed=2)) * [0.8, 0.4, 0.3] + [10, 40, 30]).astype(np.uint8))
    pixels = [tuple(map(int, pixel)) for pixel in np.asarray(image).reshape(-1, 3)]
    labs = [lab_of(pixel) for pixel in pixels]
    wanted = [lab_of(tuple(map(int, pixel))) for pixel in np.asarray(reference).reshape(-1, 3)]
    channels = [matched([lab[channel] for lab in labs], [lab[channel] for lab in wanted]) for channel in range(3)]
    expected = []
    for pixel, lab in zip(pixels, labs, strict=True):
        coloured = rgb_of(tuple(channels[channel][lab[channel]] for channel in range(3)))
        expected.append([255 * part for part in lit(coloured, luminosity([level / 255 for level in pixel]))])
    difference = np.abs(np.asarray(match_colors(image, reference)).reshape(-1, 3).astype(float) - expected)
    assert difference.mean() < 0.6 and difference.max() < 4, "rounding to bytes in between"
