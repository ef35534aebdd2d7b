"""How large the grid of a plot will be."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from app.api import Asked, GenerationRequest, Json, ScriptTask, Size, expected_size

if TYPE_CHECKING:
    from extensions.xyz_plot.plot import Plot, PlotAxis

PIXELS_PER_MEGAPIXEL = 1_000_000
DEFAULT_MEGAPIXELS = 200.0
SIZING = ("width", "height", "checkpoint", "batch_count", "batch_size", "params", "settings")
"""Fields of a request that have a say in the size."""


def megapixels_allowed(task: ScriptTask) -> float:
    """The largest grid by the settings."""
    limit = {**task.settings, **task.request.settings}.get("img_max_size_mp")
    return limit if isinstance(limit, int | float) else DEFAULT_MEGAPIXELS


def largest_place(plot: Plot) -> Size:
    """All places of a grid are as wide as its widest picture and as high as its highest one."""
    task, (x, y, z) = plot.task, (_distinct(plotted, plot.request) for plotted in (plot.x, plot.y, plot.z))
    sizes = []
    for place in itertools.product(x, y, z):
        request = plot.request_of(place)
        sizes.append(expected_size(Asked(request, {**task.settings, **request.settings}, task.host, task.owner)))
    return max(width for width, _ in sizes), max(height for _, height in sizes)


def _distinct(plotted: PlotAxis, request: GenerationRequest) -> list[int]:
    """Of the values that say the same of the size one each."""
    found: dict[str, int] = {}
    for index, value in enumerate(plotted.values):
        found.setdefault(_told(plotted.axis.apply(request, value)), index)
    return list(found.values())


def _told(request: GenerationRequest) -> str:
    told: list[Json] = [getattr(request, name) for name in SIZING]
    return repr(told)
