"""Which results of a whole folder are shown: the first ones, as the setting says; the others lie in the output folder alone."""

from __future__ import annotations

from collections.abc import Sequence

from app.api import Run, SavedImage

LIMIT = "img2img_batch_show_results_limit"
ALL = -1


def is_shown(image: SavedImage, run: Run) -> bool:
    """Whether a picture is shown; one that is saved nowhere else always is."""
    limit = run.settings.get(LIMIT, ALL)
    return image.spooled or not isinstance(limit, int) or limit <= ALL or image.index < limit


def shown(images: Sequence[SavedImage], run: Run) -> tuple[tuple[SavedImage, ...], tuple[str, ...]]:
    """The pictures that are shown, and a sentence about the others."""
    left = tuple(image for image in images if is_shown(image, run))
    hidden = len(images) - len(left)
    return left, ((f"{hidden} more pictures were saved; the settings show only the first of a batch.",) if hidden else ())
