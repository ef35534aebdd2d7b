"""The looks that the companions learn, as changes of rendered pictures: uint8 (H, W, 3) in and out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Pixels = NDArray[np.uint8]

LUMA = np.array([0.299, 0.587, 0.114])
PAPER = np.array([246.0, 241.0, 229.0])
"""Colour of the paper of a drawing."""
SATURATION, CONTRAST = 1.9, 1.12
STROKE_PX = 3
TONE = 0.55
"""How much of a drawing is the scene's brightness; the rest are strokes along its edges."""
LEAVES = np.array([[0.45, 0.62, 0.0], [0.08, 0.42, 0.0], [0.0, 0.1, 0.35]])
"""Red, green and blue (rows) of a leaf in autumn from those in summer (columns)."""


def vivid(picture: Pixels) -> Pixels:
    """Strong colours and more contrast."""
    floats = picture.astype(np.float64)
    grey = (floats @ LUMA)[..., None]
    return _bytes((grey + SATURATION * (floats - grey) - 127.5) * CONTRAST + 127.5)


def pencil(picture: Pixels) -> Pixels:
    """A pencil drawing on paper: strokes where brightness changes, and its tones (blend of "colour dodge")."""
    grey = Image.fromarray(picture).convert("L")
    light = np.asarray(grey, dtype=np.float64)
    around = np.asarray(grey.filter(ImageFilter.GaussianBlur(STROKE_PX)), dtype=np.float64)
    strokes = np.clip(light / np.maximum(around, 1.0), 0.0, 1.0) ** 2
    shade = TONE * (0.25 + 0.75 * light / 255.0) + (1.0 - TONE) * strokes
    return _bytes(shade[..., None] * PAPER)


def autumn(picture: Pixels) -> Pixels:
    """What is green becomes orange and brown."""
    floats = picture.astype(np.float64)
    red, green, blue = floats[..., 0], floats[..., 1], floats[..., 2]
    greenness = np.clip((green - np.maximum(red, blue)) / 30.0, 0.0, 1.0)[..., None]
    leaves = floats @ LEAVES.T * 1.25
    return _bytes(floats * (1.0 - greenness) + leaves * greenness)


def _bytes(floats: NDArray[np.float64]) -> Pixels:
    return np.clip(np.rint(floats), 0, 255).astype(np.uint8)
