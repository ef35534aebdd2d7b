"""Gaussian blur of masks in whole levels, to the level as OpenCV blurs 8-bit pictures."""

from __future__ import annotations

import numpy as np
from PIL import Image

ONE = 256
"""Sum of a kernel: weights have eight binary places."""


def blur_mask(mask: Image.Image, sigma_x: float, sigma_y: float) -> Image.Image:
    """A mask ("L") blurred along x, then along y; a sigma of 0 leaves its axis alone."""
    levels = np.asarray(mask.convert("L"))
    if sigma_x > 0:
        levels = _blur_rows(levels, sigma_x)
    if sigma_y > 0:
        levels = _blur_rows(levels.T, sigma_y).T
    return Image.fromarray(np.ascontiguousarray(levels))


def kernel(sigma: float) -> list[int]:
    """Weights of an odd number of pixels, five sigma wide; what rounding takes from one weight goes to the next one inwards."""
    reach = int(2.5 * sigma + 0.5)
    exact = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    exact = exact / exact.sum() * ONE
    outer, rest = [], 0.0
    for weight in exact[:reach]:
        wanted = float(weight) + rest
        outer.append(round(wanted))
        rest = wanted - outer[-1]
    return [*outer, ONE - 2 * sum(outer), *reversed(outer)]


def _blur_rows(levels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], sigma: float) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Each row of (H, W) blurred; beyond the edges the row goes back the way it came."""
    width = levels.shape[1]
    weights = kernel(sigma)
    reach = len(weights) // 2
    if width == 1 or reach == 0:
        return levels
    padded = np.pad(levels, ((0, 0), (reach, reach)), mode="reflect").astype(np.int32)
    total = np.full(levels.shape, ONE // 2, dtype=np.int32)
    for offset, weight in enumerate(weights):
        if weight:
            total += weight * padded[:, offset : offset + width]
    return (total // ONE).astype(np.uint8)
