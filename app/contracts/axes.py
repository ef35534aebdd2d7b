"""What can be varied from picture to picture: an axis of a plot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from app.values.base import Json, short_number
from app.values.request import GenerationRequest

AxisType = Literal["whole", "number", "text", "yes_no"]


def _accepts(request: GenerationRequest, values: Sequence[Json]) -> None:
    """Every value will do."""


def _shown(title: str, value: Json) -> str:
    return f"{title}: {short_number(round(value, 8)) if isinstance(value, float) else value}"


@dataclass(frozen=True)
class Axis:
    """Something of a request that a plot can vary.

    ``title`` names it to the user, A1111's where it has it. Typed values are read by ``type``: numbers may be ranges. ``choices`` are
    what the values can be chosen from, asked when they are shown; None: anything. ``apply(request, value)`` returns the request with
    the value in it. ``check(request, values)`` raises UserError for values that cannot be, before anything is drawn. ``cost``: 0 to 1, how
    much work a change of the value is beside drawing (loading a checkpoint is 1): those of a higher cost change least often.
    ``label(title, value)`` is written beside the pictures.
    ``forms``: ids of the forms that have it, none for every form. ``order`` sorts the list.
    """

    title: str
    type: AxisType
    apply: Callable[[GenerationRequest, Json], GenerationRequest]
    choices: Callable[[], Sequence[str]] | None = None
    check: Callable[[GenerationRequest, Sequence[Json]], None] = _accepts
    label: Callable[[str, Json], str] = _shown
    cost: float = 0.0
    forms: tuple[str, ...] = ()
    order: int = 1000

    def is_offered(self, form: str) -> bool:
        """Whether the form has it."""
        return not self.forms or form in self.forms
