"""A plot: its axes with their values, its cells in the order in which they are drawn, and what is made of them."""

from __future__ import annotations

import itertools
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError

from app.api import Axis, Cell, CellResult, GenerationRequest, Json, NotFoundError, ScriptTask, Sheet, UserError
from extensions.xyz_plot.axes import PROMPT_ORDER, PROMPT_SR, SEEDS, axes_of, searching
from extensions.xyz_plot.changes import PromptTexts, orders
from extensions.xyz_plot.grid_size import PIXELS_PER_MEGAPIXEL, largest_place, megapixels_allowed
from extensions.xyz_plot.params import LETTERS, NOTHING, PlotParams
from extensions.xyz_plot.switches import check_switches
from extensions.xyz_plot.values_text import join_csv, read_values, split_csv

if TYPE_CHECKING:
    from app.api import Host

Place = tuple[int, int, int]
"""Indices of the values of X, Y and Z."""
RANDOM = -1
MOST_CELLS = 100_000
WITHOUT_TAG = "Cells in which the replaced text stands for itself are drawn without the tag."


@dataclass(frozen=True)
class PlotAxis:
    """An axis of the plot: ``letter`` "X", "Y" or "Z"; ``text`` are the values as they are written down."""

    letter: str
    axis: Axis
    values: tuple[Json, ...]
    text: str

    @property
    def is_there(self) -> bool:
        """False for an axis that was not chosen."""
        return self.axis.title != NOTHING

    @property
    def labels(self) -> list[str]:
        """What is written beside the pictures."""
        return [self.axis.label(self.axis.title, value) for value in self.values]

    @property
    def named(self) -> list[str]:
        """The values with the axis, for messages."""
        return [f"{self.axis.title}: {value}" if self.is_there else "" for value in self.values]


class Plot:
    """Fulfils ScriptWork."""

    def __init__(self, task: ScriptTask) -> None:
        assert isinstance(task.params, PlotParams)
        self.task, self.params = task, task.params
        self.request = task.request if self.params.no_fixed_seeds else task.with_seeds()
        self.x, self.y, self.z = axes = tuple(read_axis(letter, task) for letter in LETTERS)
        self._applied = sorted(range(3), key=lambda number: axes[number].axis.order)
        self.count = len(self.x.values) * len(self.y.values) * len(self.z.values)
        self.shows_cells = self.params.include_lone_images
        if self.count > MOST_CELLS:
            raise UserError(f"The plot would have {self.count} cells.", hint=f"At most {MOST_CELLS} can be drawn.", field="x_values")
        for plotted in axes:
            check_axis(plotted, self._starts(plotted), task.host)
        self._check_size()
        self.places = drawing_order(axes)
        check_switches(self)

    def cells(self) -> Generator[Cell, CellResult, None]:
        """In the order that changes slow things least often."""
        for place in self.places:
            request, label = self.request_of(place), self.label_of(place)
            yield Cell(request=request, label=label, otherwise=self._otherwise(request, place), otherwise_note=WITHOUT_TAG)

    def _otherwise(self, request: GenerationRequest, place: Place) -> GenerationRequest | None:
        """Where the text that Prompt S/R replaces stands for itself, it may be a mere mark in a tag: there is no such file or number."""
        axes = zip((self.x, self.y, self.z), place, strict=True)
        searched = [str(plotted.values[0]) for plotted, index in axes if plotted.axis.title == PROMPT_SR and index == 0]
        return PromptTexts(list(self.task.host.params)).without_tags(request, searched) if searched else None

    def sheets(self, results: Sequence[CellResult]) -> Iterable[Sheet]:
        """The grid, and one for each value of Z where they are wanted."""
        from extensions.xyz_plot.sheets import make_sheets

        return make_sheets(self, dict(zip(self.places, results, strict=False)))

    def request_of(self, place: Place) -> GenerationRequest:
        """The request of a cell."""
        axes, request = (self.x, self.y, self.z), self.request
        for number in self._applied:
            request = axes[number].axis.apply(request, axes[number].values[place[number]])
        offset, stride = 0, 1
        for plotted, index in zip(axes, place, strict=True):
            if self.params.varies_seeds(plotted.letter):
                offset += index * stride
                stride *= len(plotted.values)
        return request if request.seed == RANDOM or not offset else request.model_copy(update={"seed": request.seed + offset})

    def label_of(self, place: Place) -> str:
        """Which cell it is, for messages."""
        named = [plotted.named[index] for plotted, index in zip((self.x, self.y, self.z), place, strict=True)]
        return ", ".join(name for name in named if name)

    def _starts(self, plotted: PlotAxis) -> list[GenerationRequest]:
        """The request as the axis finds it, which may look for what the axes before it bring: with their last values, and their first."""
        starts = []
        for end in (-1, 0):
            request = self.request
            for other in itertools.takewhile(lambda other: other is not plotted, ((self.x, self.y, self.z)[n] for n in self._applied)):
                request = other.axis.apply(request, other.values[end])
            starts.append(request)
        return starts

    def _check_size(self) -> None:
        """Raise UserError for a grid of more megapixels than the settings allow, before anything is drawn."""
        place = largest_place(self)
        megapixels, limit = round(self.count * place[0] * place[1] / PIXELS_PER_MEGAPIXEL), megapixels_allowed(self.task)
        if megapixels > limit:
            raise UserError(
                f"Resulting grid would be too large ({megapixels} MPixels) (max configured size is {limit:g} MPixels).",
                hint="Use fewer values or smaller pictures, or change the setting Maximum image size.",
                field="x_values",
            )


def read_axis(letter: str, task: ScriptTask) -> PlotAxis:
    """The axis that was chosen, with its values; raises UserError that names it."""
    assert isinstance(task.params, PlotParams)
    title, typed, chosen = task.params.axis(letter)
    axis = axes_of(task.host, task.form).get(title)
    if axis is None:
        raise NotFoundError(f"{letter} axis: there is nothing called {title!r} to vary.", field=f"{letter.lower()}_type")
    if title == NOTHING:
        return PlotAxis(letter, axis, (0,), "")
    uses_chosen = axis.choices is not None and not task.params.csv_mode and bool(chosen)
    text = join_csv(chosen) if uses_chosen else typed
    try:
        parts = list(chosen) if uses_chosen else split_csv(typed)
        values = orders(parts) if title == PROMPT_ORDER and len(parts) < 8 else read_values(parts, axis.type)
        if title == PROMPT_ORDER and len(parts) >= 8:
            raise UserError(f"{len(parts)} parts have too many orders.", hint="Name at most 7.")
    except UserError as error:
        raise _told(letter, title, "", error) from error
    if not values or not parts:
        raise UserError(f"{letter} axis, {title}: there are no values.", hint="Fill some in.", field=f"{letter.lower()}_values")
    if title in SEEDS and not task.params.no_fixed_seeds:
        values = [task.random_seed(f"{letter}{place}") if value == RANDOM else value for place, value in enumerate(values)]
    plotted = PlotAxis(letter, axis, tuple(values), text)
    return PlotAxis(letter, searching(axis, plotted.values, task.host), plotted.values, text)


def check_axis(plotted: PlotAxis, starts: Sequence[GenerationRequest], host: Host) -> None:
    """Raise UserError that names axis and value for what cannot be drawn from any of the requests ``starts``."""
    if not plotted.is_there:
        return
    try:
        start = _accepted(plotted, starts)
    except UserError as error:
        raise _told(plotted.letter, plotted.axis.title, "", error) from error
    for value in dict.fromkeys(map(_hashable, plotted.values)):
        check_value(plotted, value, start, host)


def _accepted(plotted: PlotAxis, starts: Sequence[GenerationRequest]) -> GenerationRequest:
    """The first request in which the axis finds what it needs; raises UserError where there is none."""
    *others, last = starts
    for start in others:
        try:
            plotted.axis.check(start, plotted.values)
        except UserError:
            continue
        return start
    plotted.axis.check(last, plotted.values)
    return last


def check_value(plotted: PlotAxis, value: Json, request: GenerationRequest, host: Host) -> None:
    """The same for one value."""
    try:
        changed = plotted.axis.apply(request, list(value) if isinstance(value, tuple) else value)
        host.job_kinds.get("generate").check(GenerationRequest.model_validate(changed.model_dump()))
    except UserError as error:
        raise _told(plotted.letter, plotted.axis.title, f"{value}: ", error) from error
    except ValidationError as error:
        reason = error.errors(include_url=False, include_context=False)[0]["msg"]
        raise _told(plotted.letter, plotted.axis.title, f"{value}: ", UserError(f"{reason}.")) from error


def drawing_order(axes: Sequence[PlotAxis]) -> list[Place]:
    """All places; what is slow to change is changed least often, and equal values of it stand together."""
    slowest_first = sorted(range(3), key=lambda number: (-axes[number].axis.cost, -number))

    def rank(number: int, index: int) -> int:
        values = axes[number].values
        return values.index(values[index]) if axes[number].axis.cost else 0

    places = [(x, y, z) for z in range(len(axes[2].values)) for y in range(len(axes[1].values)) for x in range(len(axes[0].values))]
    ranks = [[rank(number, index) for index in range(len(axes[number].values))] for number in range(3)]
    return sorted(places, key=lambda place: [(ranks[number][place[number]], place[number]) for number in slowest_first])


def _told(letter: str, title: str, value: str, error: UserError) -> UserError:
    return UserError(f"{letter} axis, {title}: {value}{error.what}", hint=error.hint, field=f"{letter.lower()}_values")


def _hashable(value: Json) -> Json:
    return tuple(value) if isinstance(value, list) else value  # type: ignore[return-value]
