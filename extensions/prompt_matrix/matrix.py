"""The combinations of a prompt's parts, and the grid of their pictures."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from pathlib import Path

from app.api import Asked, Cell, CellResult, GenerationRequest, SavedImage, ScriptTask, Sheet, UserError, expected_size, open_image
from extensions.prompt_matrix.params import MatrixParams
from extensions.scripts.api import Label, blank_cell, grid_style, labelled_grid

SEPARATOR = "|"
JOINED = {"comma": ", ", "space": " "}
MOST_PARTS = 16


class Matrix:
    """Fulfils ScriptWork. Combination n has part i where bit i of n is set."""

    shows_cells = True

    def __init__(self, task: ScriptTask) -> None:
        assert isinstance(task.params, MatrixParams)
        self._task, self._params = task, task.params
        self._field = "prompt" if self._params.prompt_type == "positive" else "negative_prompt"
        self._typed: str = getattr(task.request, self._field)
        first, *others = [part.strip().strip(",").strip() for part in self._typed.split(SEPARATOR)]
        if len(others) > MOST_PARTS:
            hint = f"At most {MOST_PARTS} parts can be combined, which are {2**MOST_PARTS} pictures."
            raise UserError(f"The prompt has {len(others)} parts to combine.", hint=hint, field=self._field)
        self._first, self._parts = first, others
        self.count = 2 ** len(others)
        self._columns = 2 ** ((len(others) + 1) // 2)
        self._check_size()

    def cells(self) -> Generator[Cell, CellResult, None]:
        """One for each combination, counted up like a binary number."""
        request = self._task.with_seeds()
        for number in range(self.count):
            yield Cell(request=self._with(request, number), label=self._prompt(number))

    def sheets(self, results: Sequence[CellResult]) -> Iterable[Sheet]:
        """The grid: the first half of the parts vary from column to column, the others from row to row."""
        drawn = [result.images[0] for result in results if result.images]
        if not drawn:
            return
        style = grid_style({**self._task.settings, **self._task.request.settings}, self._task.host)
        size = max((image.width_px, image.height_px) for image in drawn)
        told = [*results, *(CellResult() for _ in range(self.count - len(results)))]
        pictures = [
            open_image(Path(result.images[0].path)).image.convert("RGB")
            if result.images and Path(result.images[0].path).is_file()
            else blank_cell(size, f"failed: {result.error}" if result.error else "not drawn", style)
            for result in told
        ]
        grid = labelled_grid(pictures, self._columns, self._labels(), style, self._params.margin_size)
        yield Sheet(
            grid, self._as_typed(results, drawn[0]), name="prompt_matrix", items={"Script": "Prompt matrix", **self._params.items()}
        )

    def _as_typed(self, results: Sequence[CellResult], first: SavedImage) -> SavedImage:
        """The first picture under the prompt as it was typed, so that the grid's infotext asks for the whole matrix again."""
        number = next(number for number, result in enumerate(results) if result.images)
        drawn = self._prompt(number)
        if not drawn or drawn not in first.infotext:
            return first
        told = {"infotext": first.infotext.replace(drawn, self._typed, 1), self._field: self._typed}
        return first.model_copy(update=told)

    def _with(self, request: GenerationRequest, number: int) -> GenerationRequest:
        """One picture; another seed for each where that is wanted."""
        own = {self._field: self._prompt(number), "batch_count": 1, "batch_size": 1}
        return request.model_copy(update={**own, "seed": request.seed + number * self._params.different_seeds})

    def _prompt(self, number: int) -> str:
        parts = [part for index, part in enumerate(self._parts) if number >> index & 1]
        order = [*parts, self._first] if self._params.put_at_start else [self._first, *parts]
        return JOINED[self._params.variations_delimiter].join(order)

    def _labels(self) -> tuple[list[list[Label]], list[list[Label]]]:
        """Of columns and of rows, with every part; those that are not in the prompt are not active."""
        across = (len(self._parts) + 1) // 2
        return _all_labels(self._parts[:across]), _all_labels(self._parts[across:])

    def _check_size(self) -> None:
        """Raise UserError for a grid of more megapixels than the settings allow."""
        task = self._task
        settings = {**task.settings, **task.request.settings}
        width, height = expected_size(Asked(self._with(task.request, 0), settings, task.host, task.owner))
        megapixels, limit = round(self.count * width * height / 1_000_000), self._task.settings.get("img_max_size_mp")
        if isinstance(limit, int | float) and megapixels > limit:
            what = f"Resulting grid would be too large ({megapixels} MPixels) (max configured size is {limit:g} MPixels)."
            raise UserError(what, hint="Use fewer parts or smaller pictures.", field=self._field)


def _all_labels(parts: Sequence[str]) -> list[list[Label]]:
    return [[Label(part, bool(number >> index & 1)) for index, part in enumerate(parts)] for number in range(2 ** len(parts))]
