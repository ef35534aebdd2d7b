"""Pictures brought to a size, by an upscaler where they must grow."""

from __future__ import annotations

from PIL import Image

from app.contracts import Run, Upscaler
from app.errors import UserError

STEP_PX = 8
MOST_TIMES = 3
NONE = "None"
"""Name of the upscaler that leaves pictures as they are; a size is reached by Lanczos alone."""

LANCZOS = Image.Resampling.LANCZOS


def upscale_to(image: Image.Image, size: tuple[int, int], upscaler: Upscaler | None, run: Run) -> Image.Image:
    """The picture at exactly ``size`` (width, height), enlarged by the upscaler where a side must grow; else resampled by Lanczos."""
    factor = max(size[0] / image.width, size[1] / image.height)
    if upscaler is not None and upscaler.name != NONE and factor > 1 and image.mode != "L":
        image = upscale_by(image, factor, upscaler, run)
    return image if image.size == size else image.resize(size, LANCZOS)


def upscale_by(image: Image.Image, factor: float, upscaler: Upscaler, run: Run) -> Image.Image:
    """The picture ``factor`` times as large, its sides rounded down to multiples of 8 (below 8 pixels: to whole ones, at least one).

    Raises UserError for upscalers of latents.

    As A1111 does it: the upscaler is applied up to three times, until both sides are large enough; Lanczos brings it to the size.
    """
    if upscaler.pixel is None:
        raise UserError(f"The upscaler {upscaler.name!r} enlarges latents and no pictures.", hint="Choose another one.", field="upscaler")
    target = (_side(image.width * factor), _side(image.height * factor))
    enlarge = upscaler.pixel()
    for attempt in range(MOST_TIMES):
        is_large_enough = image.width >= target[0] and image.height >= target[1]
        if is_large_enough and (attempt > 0 or factor != 1):
            break
        run.control.check()
        before = image.size
        image = enlarge(image, factor, run)
        if image.size == before:
            break
    return image if image.size == target else image.resize(target, LANCZOS)


def _side(wanted: float) -> int:
    return int(wanted // STEP_PX * STEP_PX) or max(1, int(wanted))
