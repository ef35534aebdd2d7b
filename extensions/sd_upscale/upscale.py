"""The tiles of an enlarged picture as cells, and the picture that they make."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterable, Sequence

from PIL import Image

from app.api import Cell, CellResult, ScriptTask, Sheet, TileGrid, Upscaler, UserError, upscale_by
from extensions.img2img.api import Img2ImgParams, cell_request, drawn_picture, first_picture, first_sample, start_picture
from extensions.sd_upscale.params import NONE, UpscaleParams

STEP_PX, FALLBACK_PX = 8, 512


class Upscale:
    """Fulfils ScriptWork. One result for each of the batch count, tile by tile."""

    shows_cells = False

    def __init__(self, task: ScriptTask) -> None:
        assert isinstance(task.params, UpscaleParams)
        self._task, self._params, request = task, task.params, task.request
        self._start = Img2ImgParams.of(request.params)
        if self._start.has_mask:
            what = "SD upscale draws the whole picture anew and cannot be combined with a mask or with extending it."
            raise UserError(what, hint="Choose img2img.", field="mask")
        self._upscaler = _upscaler(task, self._params.upscaler_index)
        self._original = first_picture(self._start, task.host, task.owner, task.settings)
        self._rounds, self._per_batch = request.batch_count, request.batch_size
        self._enlarged: Image.Image | None = None
        self._grid = self._grid_over(self._size())
        self.count = self._rounds * self._batches

    @property
    def _batches(self) -> int:
        return math.ceil(len(self._grid.boxes) / self._per_batch)

    def cells(self) -> Generator[Cell, CellResult, None]:
        """Batch after batch of tiles; each begins with the seed after the one that the batch before began with."""
        seed = self._task.with_seeds().seed
        tiles = self._grid.cut(self._picture())
        for number in range(self._rounds):
            for batch in range(self._batches):
                few = tiles[batch * self._per_batch : (batch + 1) * self._per_batch]
                label = f"Tiles {batch * self._per_batch + 1} to {batch * self._per_batch + len(few)} of {len(tiles)}"
                yield Cell(request=cell_request(self._task, self._start, few, seed + number + batch), label=label)

    def sheets(self, results: Sequence[CellResult]) -> Iterable[Sheet]:
        """A picture for each round of which something was drawn."""
        for start in range(0, len(results), self._batches):
            of_round = results[start : start + self._batches]
            like = first_sample(of_round)
            if like is not None:
                yield Sheet(self._grid.joined(self._tiles(of_round)), like, kind="sample", items=self._items())

    def _tiles(self, results: Sequence[CellResult]) -> list[Image.Image]:
        """What was drawn, and where nothing was what it would have begun with."""
        tiles = self._grid.cut(self._picture())
        for batch, result in enumerate(results):
            for place in range(len(result.samples)):
                drawn = drawn_picture(result, place)
                if drawn is not None and batch * self._per_batch + place < len(tiles):
                    tiles[batch * self._per_batch + place] = drawn
        return tiles

    def _items(self) -> dict[str, str]:
        width, height = self._grid.size
        return {**self._params.items(), "Script": "SD upscale", "SD upscale size": f"{width}x{height}"}

    def _picture(self) -> Image.Image:
        """The enlarged picture; it is made once."""
        if self._enlarged is None:
            original, run, size = start_picture(self._original), self._task.run, self._size()
            self._enlarged = original
            if self._upscaler is not None and run is not None:
                run.tell(f"Enlarging by {self._upscaler.name}")
                self._enlarged = upscale_by(original, self._params.scale_factor, self._upscaler, run)
            if self._enlarged.size != size:
                self._enlarged = self._enlarged.resize(size, Image.Resampling.LANCZOS)
        return self._enlarged

    def _size(self) -> tuple[int, int]:
        """Of the result, in whole latent pixels; without an upscaler that of the picture."""
        if self._original is None:
            return FALLBACK_PX, FALLBACK_PX
        factor = 1.0 if self._upscaler is None else self._params.scale_factor
        width, height = (max(STEP_PX, int(side * factor) // STEP_PX * STEP_PX) for side in self._original.size)
        return width, height

    def _grid_over(self, size: tuple[int, int]) -> TileGrid:
        """Tiles as large as the form says, at most as large as the picture."""
        request, factor = self._task.request, self._start.scale
        asked = (request.width or FALLBACK_PX, request.height or FALLBACK_PX)
        if factor is not None and self._original is not None:
            asked = (int(self._original.width * factor), int(self._original.height * factor))
        asked = (asked[0] // STEP_PX * STEP_PX, asked[1] // STEP_PX * STEP_PX)
        TileGrid(size, asked, self._params.overlap)  # what was asked for must make sense, whatever the picture
        tile = (min(asked[0], size[0]), min(asked[1], size[1]))
        return TileGrid(size, tile, min(self._params.overlap, min(tile) - STEP_PX))


def _upscaler(task: ScriptTask, name: str) -> Upscaler | None:
    """The upscaler; None for the one that leaves pictures as they are. Raises UserError."""
    if name == NONE:
        return None
    found: Upscaler | None = task.host.upscalers.find(name)
    if found is None or found.pixel is None:
        names = ", ".join(UpscaleParams.choices(task.host)["upscaler_index"])
        raise UserError(f"There is no upscaler of pictures {name!r}.", hint=f"There are: {names}.", field="upscaler_index")
    return found
