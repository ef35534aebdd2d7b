"""Enlarging pictures by resampling."""

from __future__ import annotations

from PIL import Image

from app.api import PixelUpscale, Run


def unchanged() -> PixelUpscale:
    """No upscaler: whoever uses it resamples the picture by Lanczos."""

    def enlarge(image: Image.Image, factor: float, run: Run) -> Image.Image:
        return image

    return enlarge


def lanczos() -> PixelUpscale:
    """Lanczos resampling."""
    return _resampling(Image.Resampling.LANCZOS)


def nearest() -> PixelUpscale:
    """The nearest pixel."""
    return _resampling(Image.Resampling.NEAREST)


def _resampling(way: Image.Resampling) -> PixelUpscale:
    def enlarge(image: Image.Image, factor: float, run: Run) -> Image.Image:
        return image.resize((int(image.width * factor), int(image.height * factor)), way)

    return enlarge
