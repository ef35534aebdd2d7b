"""Keeps pasted numbers within what the form's controls can show, and says which were beyond it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from app.api import Json

if TYPE_CHECKING:
    from app.api import Form


def within_limits(values: Mapping[str, Json], form: Form) -> tuple[dict[str, Json], tuple[str, ...]]:
    """The values, each number brought within the limits of its control, and a sentence for each that was not."""
    kept: dict[str, Json] = {}
    told: list[str] = []
    for key, value in values.items():
        kept[key], sentence = _kept(value, form.find(key))
        told += [sentence] if sentence else []
    return kept, tuple(told)


def _kept(value: Json, control: object) -> tuple[Json, str]:
    lowest, highest = getattr(control, "minimum", None), getattr(control, "maximum", None)
    if isinstance(value, bool) or not isinstance(value, int | float) or lowest is None or highest is None:
        return value, ""
    within = min(max(value, lowest), highest)
    if within == value:
        return value, ""
    label = getattr(control, "label", "")
    return within, f"{label}: {value:g} is not between {lowest:g} and {highest:g}; it is {within:g} now."
