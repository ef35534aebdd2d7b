"""Colour correction: gives a picture the colours of another one, and keeps its own brightness."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from PIL import Image

Levels: TypeAlias = "np.ndarray[Any, Any]"
WHITE_XYZ = np.array([0.950456, 1.0, 1.088754])
"""D65."""
TO_XYZ = np.array([[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]])
"""Linear sRGB -> XYZ."""
LUMA = np.array([0.3, 0.59, 0.11])
"""Shares of red, green and blue in the luminosity of blend modes (W3C Compositing and Blending, non-separable modes)."""
DARK, DARK_SLOPE = 0.008856, 7.787


def match_colors(image: Image.Image, reference: Image.Image) -> Image.Image:
    """``image`` ("RGB") with the colour distribution of ``reference``, channel by channel in Lab, and its own luminosity."""
    source, wanted = to_lab(image), to_lab(reference)
    matched = np.stack([_matched(source[..., channel], wanted[..., channel]) for channel in range(3)], axis=-1)
    coloured = np.asarray(from_lab(matched)) / 255.0
    lit = with_luminosity(coloured, np.asarray(image.convert("RGB")) / 255.0 @ LUMA)
    return Image.fromarray((lit * 255.0 + 0.5).astype(np.uint8))


def to_lab(image: Image.Image) -> Levels:
    """Lab (H, W, 3) in 8 bits: L from 0 to 255, a and b around 128."""
    rgb = np.asarray(image.convert("RGB")) / 255.0
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = linear @ TO_XYZ.T / WHITE_XYZ
    root = np.where(xyz > DARK, np.cbrt(xyz), DARK_SLOPE * xyz + 16 / 116)
    lightness = 116 * root[..., 1] - 16
    lab = np.stack([lightness * 2.55, 500 * (root[..., 0] - root[..., 1]) + 128, 200 * (root[..., 1] - root[..., 2]) + 128], axis=-1)
    levels: Levels = np.clip(np.rint(lab), 0, 255).astype(np.uint8)
    return levels


def from_lab(lab: Levels) -> Image.Image:
    """The picture ("RGB") of 8-bit Lab (H, W, 3)."""
    middle = (lab[..., 0] / 2.55 + 16) / 116
    root = np.stack([middle + (lab[..., 1] - 128.0) / 500, middle, middle - (lab[..., 2] - 128.0) / 200], axis=-1)
    xyz = np.where(root**3 > DARK, root**3, (root - 16 / 116) / DARK_SLOPE) * WHITE_XYZ
    linear = np.clip(xyz @ np.linalg.inv(TO_XYZ).T, 0.0, 1.0)
    rgb = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return Image.fromarray(np.rint(rgb * 255).astype(np.uint8))


def _matched(source: Levels, reference: Levels) -> Levels:
    """Levels (H, W) mapped so that their distribution becomes the reference's."""
    counts, wanted = np.bincount(source.ravel(), minlength=256), np.bincount(reference.ravel(), minlength=256)
    levels = np.flatnonzero(wanted)
    shares = np.cumsum(wanted[levels]) / reference.size
    mapping = np.interp(np.cumsum(counts) / source.size, shares, levels)
    return mapping[source].astype(np.uint8)


def with_luminosity(rgb: Levels, luminosity: Levels) -> Levels:
    """Colours (H, W, 3) in 0..1 brought to a luminosity (H, W), towards grey where they would leave the range (``SetLum``)."""
    moved = rgb + (luminosity - rgb @ LUMA)[..., None]
    grey = luminosity[..., None]
    low, high = moved.min(axis=-1, keepdims=True), moved.max(axis=-1, keepdims=True)
    moved = np.where(low < 0, grey + (moved - grey) * grey / np.maximum(grey - low, 1e-9), moved)
    moved = np.where(high > 1, grey + (moved - grey) * (1 - grey) / np.maximum(high - grey, 1e-9), moved)
    lit: Levels = np.clip(moved, 0.0, 1.0)
    return lit
