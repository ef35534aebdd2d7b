"""Puts the pictures of a plot into grids: the whole one first, then one for each value of Z."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from app.api import CellResult, SavedImage, Sheet, UserError, open_image
from extensions.scripts.api import GridStyle, Label, blank_cell, grid_style, labelled_grid
from extensions.xyz_plot.axes import SEEDS
from extensions.xyz_plot.explore import explore_page
from extensions.xyz_plot.grid_size import PIXELS_PER_MEGAPIXEL, megapixels_allowed

if TYPE_CHECKING:
    from extensions.xyz_plot.plot import Place, Plot

NAME, TITLE = "xyz_grid", "X/Y/Z plot"
NOT_DRAWN, GONE = "not drawn", "not there any more"


def make_sheets(plot: Plot, results: Mapping[Place, CellResult]) -> Iterable[Sheet]:
    """The sheets of what was drawn; nothing where nothing was."""
    drawn = {place: image for place, result in results.items() if (image := picture_of(result)) is not None}
    if not drawn:
        return
    style = grid_style({**plot.task.settings, **plot.task.request.settings}, plot.task.host)
    grids = _Grids(plot, results, drawn, style)
    first = drawn[min(drawn, key=lambda place: (place[2], place[1], place[0]))]
    layers = [grids.layer(z) for z in range(len(plot.z.values))]
    titles = [[Label(label)] for label in plot.z.labels]
    whole = layers[0]
    if len(layers) > 1:
        labels = (titles, [[Label("")]]) if plot.params.draw_legend else ([], [])
        whole = labelled_grid(layers, len(layers), labels, style)
    items = infotext_items(plot)
    yield Sheet(whole, first, name=NAME, items=items, beside=lambda path: {".html": explore_page(plot, results, path)})
    if plot.params.include_sub_grids and len(layers) > 1:
        for z, layer in enumerate(layers):
            like = next((image for place, image in drawn.items() if place[2] == z), first)
            yield Sheet(layer, like, name=NAME, items={key: value for key, value in items.items() if "Z " not in key})


def picture_of(result: CellResult) -> SavedImage | None:
    """What is shown of a cell: the grid of its batch, or its picture."""
    return result.images[0] if result.images else None


def infotext_items(plot: Plot) -> dict[str, str]:
    """What the infotext of the grid says of the plot, under A1111's labels."""
    items = {"Script": TITLE}
    for plotted in (plot.x, plot.y, plot.z):
        if plotted.is_there:
            items |= {f"{plotted.letter} Type": plotted.axis.title, f"{plotted.letter} Values": plotted.text}
            if plotted.axis.title in SEEDS and not plot.params.no_fixed_seeds:
                items[f"Fixed {plotted.letter} Values"] = ", ".join(str(value) for value in plotted.values)
    return items


class _Grids:
    """Draws one grid for each value of Z; all places are as large as the largest picture."""

    def __init__(self, plot: Plot, results: Mapping[Place, CellResult], drawn: Mapping[Place, SavedImage], style: GridStyle) -> None:
        self._plot, self._results, self._drawn, self._style = plot, results, drawn, style
        place = (max(image.width_px for image in drawn.values()), max(image.height_px for image in drawn.values()))
        self._scale = self._fitting_scale(place)
        self._size = self._scaled(place)

    def layer(self, z: int) -> Image.Image:
        """The grid of one value of Z."""
        plot = self._plot
        pictures = [self._picture((x, y, z)) for y in range(len(plot.y.values)) for x in range(len(plot.x.values))]
        labels: tuple[Sequence[Sequence[Label]], Sequence[Sequence[Label]]] = ([], [])
        if plot.params.draw_legend:
            labels = ([[Label(text)] for text in plot.x.labels], [[Label(text)] for text in plot.y.labels])
        return labelled_grid(pictures, len(plot.x.values), labels, self._style, plot.params.margin_size)

    def _picture(self, place: Place) -> Image.Image:
        image = self._drawn.get(place)
        if image is None:
            result = self._results.get(place)
            return blank_cell(self._size, f"failed: {result.error}" if result and result.error else NOT_DRAWN, self._style)
        try:
            picture = open_image(Path(image.path)).image.convert("RGB")
        except UserError:
            return blank_cell(self._size, GONE, self._style)
        return picture if self._scale == 1 else picture.resize(self._scaled(picture.size), Image.Resampling.LANCZOS)

    def _fitting_scale(self, place: tuple[int, int]) -> float:
        """Less than 1 where the pictures turned out larger than was asked for, and the grid would be larger than the settings allow."""
        limit, pixels = megapixels_allowed(self._plot.task), place[0] * place[1] * self._plot.count
        if pixels <= limit * PIXELS_PER_MEGAPIXEL:
            return 1
        scale = float((limit * PIXELS_PER_MEGAPIXEL / pixels) ** 0.5)
        if self._plot.task.run is not None:
            percent = max(1, round(100 * scale))
            self._plot.task.run.comment(
                f"The pictures turned out larger than was to be seen before: in the grid they have {percent} % of their sides"
                f" (max configured size is {limit:g} MPixels)."
            )
        return scale

    def _scaled(self, size: tuple[int, int]) -> tuple[int, int]:
        return max(1, round(size[0] * self._scale)), max(1, round(size[1] * self._scale))
