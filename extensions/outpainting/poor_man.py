"""Poor man's outpainting: the picture on a larger canvas, of which the tiles that reach over its edges are drawn."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence

from PIL import Image

from app.api import Cell, CellResult, ScriptTask, Sheet, TileGrid
from extensions.img2img.api import drawn_picture, first_picture, first_sample, start_picture
from extensions.outpainting.extension import Extension, checked_size, checked_start, masked_request
from extensions.outpainting.params import FILLS, PoorManParams

FALLBACK_PX, STEP_PX = 512, 8


class PoorMansOutpainting:
    """Fulfils ScriptWork. A cell is a tile; the batch count says how many pictures there are, the seed goes up with every tile."""

    shows_cells = False

    def __init__(self, task: ScriptTask) -> None:
        assert isinstance(task.params, PoorManParams)
        self._task, self._params = task, task.params
        self._start = checked_start(task, self._params.direction)
        self._original = first_picture(self._start, task.host, task.owner, task.settings)
        size = self._original.size if self._original is not None else (FALLBACK_PX, FALLBACK_PX)
        self._extension = Extension.of(size, self._params.pixels, self._params.direction)
        self._grid = self._grid_over(checked_size(self._extension.whole))
        self._places = [place for place, box in enumerate(self._grid.boxes) if not self._is_inside(box)]
        self._pictures = task.request.batch_count * task.request.batch_size
        self.count = len(self._places) * self._pictures

    def cells(self) -> Generator[Cell, CellResult, None]:
        """Tile after tile."""
        seed = self._task.with_seeds().seed
        fill, blur = FILLS.index(self._params.inpainting_fill), self._params.mask_blur * 2
        of_all = {"inpainting_fill": fill, "mask_blur_x": blur, "mask_blur_y": blur}
        tiles, masks = self._grid.cut(self._canvas()), self._grid.cut(self._mask())
        for number in range(self.count):
            place = self._places[number % len(self._places)]
            asked = masked_request(self._task, self._start, tiles[place], masks[place], seed + number, **of_all)
            yield Cell(request=asked, label=f"Tile {number + 1} of {self.count}")

    def sheets(self, results: Sequence[CellResult]) -> Iterable[Sheet]:
        """The whole pictures, of which something was drawn."""
        step, items = len(self._places), {**self._params.items(), "Script": "Poor man's outpainting"}
        for start in range(0, len(results), step):
            of_picture = results[start : start + step]
            like = first_sample(of_picture)
            if like is not None:
                yield Sheet(self._joined(of_picture), like, kind="sample", items=items)

    def _joined(self, results: Sequence[CellResult]) -> Image.Image:
        tiles = self._grid.cut(self._canvas())
        for place, result in zip(self._places, results, strict=False):
            tiles[place] = drawn_picture(result) or tiles[place]
        return self._grid.joined(tiles)

    def _canvas(self) -> Image.Image:
        """The picture in its place, black around it."""
        canvas = Image.new("RGB", self._extension.whole)
        canvas.paste(start_picture(self._original), (self._extension.left, self._extension.up))
        return canvas

    def _mask(self) -> Image.Image:
        """White ("L") where something is to be drawn; it reaches into the picture by twice the blur."""
        (width, height), inner, sides = self._extension.whole, self._params.mask_blur * 2, self._extension
        mask = Image.new("L", (width, height), 255)
        kept = (
            sides.left + inner * (sides.left > 0),
            sides.up + inner * (sides.up > 0),
            width - sides.right - inner * (sides.right > 0),
            height - sides.down - inner * (sides.down > 0),
        )
        if kept[0] < kept[2] and kept[1] < kept[3]:
            mask.paste(0, kept)
        return mask

    def _grid_over(self, size: tuple[int, int]) -> TileGrid:
        """Tiles as large as the form says, at most as large as the canvas; they overlap by as much as is added.

        They overlap by half at most, so that there are not hundreds of them: of tiles from 512 pixels on, that is as much as can be added.
        """
        request, pixels = self._task.request, self._params.pixels
        asked = (request.width or FALLBACK_PX, request.height or FALLBACK_PX)
        tile = (min(asked[0], size[0]) // STEP_PX * STEP_PX, min(asked[1], size[1]) // STEP_PX * STEP_PX)
        return TileGrid(size, tile, min(pixels, min(tile) // 2))

    def _is_inside(self, box: tuple[int, int, int, int]) -> bool:
        """Whether a tile shows nothing but the picture."""
        (width, height), sides = self._extension.whole, self._extension
        return box[0] >= sides.left and box[1] >= sides.up and box[2] <= width - sides.right and box[3] <= height - sides.down
