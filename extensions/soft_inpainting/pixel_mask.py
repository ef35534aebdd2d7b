"""A mask of pixels from how far each place of a latent has moved while it was drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from PIL import Image, ImageFilter

from extensions.soft_inpainting.params import SoftInpaintingParams

Array: TypeAlias = "np.ndarray[Any, Any]"
REACH, SPREAD = 2, 1.5
"""The neighbourhood, in latent pixels, that is looked at for each place."""
SMOOTHING_PX = 4


@dataclass(frozen=True)
class Difference:
    """``distance`` (B, h, w) between the original latent and the drawn one; ``mask`` (h, w), 1 = drawn."""

    distance: Array
    mask: Array


def pixel_mask(difference: Difference, place: int, size: tuple[int, int], params: SoftInpaintingParams) -> Image.Image:
    """The mask ("L", white = drawn) of one picture in pixels.

    Single outliers are taken out of the distances; the opacity of the original falls with them, and is a half at the threshold.
    """
    weights = window_weights()
    smooth = window_mean(window_mean(difference.distance[place], weights, 0.9, 1.0), weights, 0.25, 0.75)
    kept_share = 1 - difference.mask ** (params.mask_blend_scale / 2)
    kept_share = 0.5 * (1 - params.composite_mask_influence) + kept_share * params.composite_mask_influence
    half = params.composite_difference_threshold * kept_share / (1.00001 - kept_share)
    opacity = 1 / (1 + (smooth / np.maximum(half, 1e-6)) ** params.composite_difference_contrast)
    drawn = 1 - opacity**3 * (opacity * (6 * opacity - 15) + 10)
    levels = Image.fromarray((255 * drawn).astype(np.uint8))
    return levels.resize(size, Image.Resampling.LANCZOS).filter(ImageFilter.GaussianBlur(SMOOTHING_PX))


def window_weights() -> Array:
    """Weights (5, 5) of a place's neighbours: a bell that is zero one step outside of the window, and 1 in its middle."""
    steps = np.arange(-REACH, REACH + 1, dtype=float)
    squares = steps[:, None] ** 2 + steps[None, :] ** 2
    zero = np.exp(-((REACH + 1) ** 2) / SPREAD**2)
    weights: Array = np.maximum(0.0, (np.exp(-squares / SPREAD**2) - zero) / (1 - zero))
    return weights


def window_mean(values: Array, weights: Array, low: float, high: float, least: float = 1.0) -> Array:
    """For each place the weighted mean of those of its neighbours whose rank, as a share of all weight, lies between ``low`` and ``high``.

    The part of the ranking that counts is at least ``least`` of weight wide. Places outside of ``values`` (h, w) have no weight.
    """
    side = 2 * REACH + 1
    padded = np.pad(values, REACH)
    inside = np.pad(np.ones(values.shape), REACH)
    near = np.lib.stride_tricks.sliding_window_view(padded, (side, side)).reshape(*values.shape, -1)
    weight = np.lib.stride_tricks.sliding_window_view(inside, (side, side)).reshape(*values.shape, -1) * weights.ravel()
    order = np.argsort(near, axis=-1, kind="stable")
    near, weight = np.take_along_axis(near, order, -1), np.take_along_axis(weight, order, -1)
    ends = np.cumsum(weight, axis=-1)
    total = ends[..., -1:]
    middle, width = total * (low + high) / 2, np.maximum(total * (high - low), least)
    start = np.clip(middle - width / 2, 0.0, np.maximum(total - width, 0.0))
    counted = np.clip(np.minimum(ends, start + width) - np.maximum(ends - weight, start), 0.0, None)
    result: Array = (near * counted).sum(-1) / counted.sum(-1)
    return result
