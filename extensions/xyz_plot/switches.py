"""Finds axes that change nothing, because their feature is off in every cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from app.api import GenerationRequest, UserError
from extensions.xyz_plot.axes import ORDER
from extensions.xyz_plot.field_axes import FeatureAxis

if TYPE_CHECKING:
    from extensions.xyz_plot.plot import Plot, PlotAxis


def check_switches(plot: Plot) -> None:
    """Raise UserError for an axis whose cells would be alike; A1111's axes are drawn as there, with a comment."""
    for plotted in (plot.x, plot.y, plot.z):
        axis = plotted.axis
        if not isinstance(axis, FeatureAxis) or not _is_dead(axis, plotted, plot):
            continue
        error = UserError(
            f"{plotted.letter} axis, {axis.title}: {axis.group} is off: all cells would be alike.",
            hint="Switch it on in the form, or by another axis.",
            field=f"{plotted.letter.lower()}_type",
        )
        if axis.title not in ORDER:
            raise error
        if plot.task.run is not None:
            plot.task.run.comment(f"{plotted.letter} axis, {axis.title}: {axis.group} is off: all cells are alike.")


def _is_dead(axis: FeatureAxis, plotted: PlotAxis, plot: Plot) -> bool:
    if axis.name == axis.model.switch or len(set(map(repr, plotted.values))) < 2:
        return False
    return not any(_is_on(axis, plot.request_of(place)) for place in plot.places)


def _is_on(axis: FeatureAxis, request: GenerationRequest) -> bool:
    try:
        return axis.model.of(request.params).is_on
    except ValidationError:  # drawing the cell says what is wrong
        return True
