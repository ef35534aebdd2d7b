"""The looks that the companions learn, as changes of rendered pictures: uint8 (H, W, 3) in and out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

LUMA = np.array([0.299, 0.587, 0.114])
INK, PAPER = np.array([38.0, 22.0, 14.0]), np.array([250.0, 236.0, 208.0])
"""The darkest and the lightest tone of an old photograph."""
DARKER_CORNERS = 0.35
SATURATION, CONTRAST = 1.9, 1.12
LEAVES = np.array([[0.45, 0.62, 0.0], [0.08, 0.42, 0.0], [0.0, 0.1, 0.35]])
"""Red, green and blue (rows) of a leaf in autumn from those in summer (columns)."""


def vivid(picture: Pixels) -> Pixels:
    """Strong colours and more contrast."""
    floats = picture.astype(np.float64)
    grey = (floats @ LUMA)[..., None]
    return _bytes((grey + SATURATION * (floats - grey) - 127.5) * CONTRAST + 127.5)


def old_photograph(picture: Pixels) -> Pixels:
    """Brown tones instead of colours, and darker corners."""
    height, width = picture.shape[:2]
    across, down = np.meshgrid(np.linspace(-1.0, 1.0, width), np.linspace(-1.0, 1.0, height))
    light = picture.astype(np.float64) @ LUMA / 255.0
    light *= 1.0 - DARKER_CORNERS * np.clip((across**2 + down**2) / 2.0, 0.0, 1.0) ** 2
    return _bytes(INK + light[..., None] * (PAPER - INK))


def autumn(picture: Pixels) -> Pixels:
    """What is green becomes orange and brown."""
    floats = picture.astype(np.float64)
    red, green, blue = floats[..., 0], floats[..., 1], floats[..., 2]
    greenness = np.clip((green - np.maximum(red, blue)) / 30.0, 0.0, 1.0)[..., None]
    leaves = floats @ LEAVES.T * 1.25
    return _bytes(floats * (1.0 - greenness) + leaves * greenness)


def _bytes(floats: NDArray[np.float64]) -> Pixels:
    return np.clip(np.rint(floats), 0, 255).astype(np.uint8)
