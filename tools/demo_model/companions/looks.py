"""The looks that the companions learn, as changes of rendered pictures: uint8 (H, W, 3) in and out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

LUMA = np.array([0.299, 0.587, 0.114])
FRAME_PX, EDGE_PX = 13, 2
FRAME, EDGE = np.array([250.0, 244.0, 230.0]), np.array([96.0, 66.0, 40.0])
"""Colours of a picture frame's card and of its inner edge."""
WARMTH = np.array([12.0, 2.0, -14.0])
SATURATION, CONTRAST = 1.9, 1.12
LEAVES = np.array([[0.45, 0.62, 0.0], [0.08, 0.42, 0.0], [0.0, 0.1, 0.35]])
"""Red, green and blue (rows) of a leaf in autumn from those in summer (columns)."""


def vivid(picture: Pixels) -> Pixels:
    """Strong colours and more contrast."""
    floats = picture.astype(np.float64)
    grey = (floats @ LUMA)[..., None]
    return _bytes((grey + SATURATION * (floats - grey) - 127.5) * CONTRAST + 127.5)


def framed(picture: Pixels) -> Pixels:
    """A light card with a brown edge around the picture, and a little warmth in it."""
    outer, inner = FRAME_PX, FRAME_PX + EDGE_PX
    result = np.empty(picture.shape, np.float64)
    result[:] = FRAME
    result[outer:-outer, outer:-outer] = EDGE
    result[inner:-inner, inner:-inner] = picture[inner:-inner, inner:-inner] + WARMTH
    return _bytes(result)


def autumn(picture: Pixels) -> Pixels:
    """What is green becomes orange and brown."""
    floats = picture.astype(np.float64)
    red, green, blue = floats[..., 0], floats[..., 1], floats[..., 2]
    greenness = np.clip((green - np.maximum(red, blue)) / 30.0, 0.0, 1.0)[..., None]
    leaves = floats @ LEAVES.T * 1.25
    return _bytes(floats * (1.0 - greenness) + leaves * greenness)


def _bytes(floats: NDArray[np.float64]) -> Pixels:
    return np.clip(np.rint(floats), 0, 255).astype(np.uint8)
