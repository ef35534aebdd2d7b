"""Why a value cannot be what a field holds, in words for users."""

from __future__ import annotations

import types
from typing import Any, Union, get_args, get_origin

import annotated_types
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

_NUMBER_PROBLEMS = ("int", "float", "greater_than", "less_than", "finite_number")


def reason_for(problem: ErrorDetails, field: FieldInfo | None) -> str:
    """What the value must be, as half a sentence without a full stop; pydantic's words where the field's type says no more."""
    kind, said = problem["type"], str(problem["msg"])
    if kind.startswith("bool"):
        return "it must be true or false"
    if kind == "string_type":
        return "it must be text"
    number = _number_type(field)
    if field is None or number is None or not kind.startswith(_NUMBER_PROBLEMS):
        return said
    return _whole(field) if number is int else _number(field)


def _whole(field: FieldInfo) -> str:
    lowest, highest = _limits(field)
    if lowest is None:
        return "it must be a whole number" if highest is None else f"it must be a whole number of at most {highest}"
    return (
        f"it must be a whole number from {lowest} to {highest}"
        if highest is not None
        else f"it must be a whole number of at least {lowest}"
    )


def _number(field: FieldInfo) -> str:
    lowest, highest = _limits(field)
    above = next((item.gt for item in field.metadata if isinstance(item, annotated_types.Gt)), None)
    if above is not None:
        return f"it must be a number above {above}" if highest is None else f"it must be a number above {above} and at most {highest}"
    if lowest is None:
        return "it must be a number" if highest is None else f"it must be a number of at most {highest}"
    return f"it must be a number from {lowest} to {highest}" if highest is not None else f"it must be a number of at least {lowest}"


def _limits(field: FieldInfo) -> tuple[Any, Any]:
    lowest = next((item.ge for item in field.metadata if isinstance(item, annotated_types.Ge)), None)
    return lowest, next((item.le for item in field.metadata if isinstance(item, annotated_types.Le)), None)


def _number_type(field: FieldInfo | None) -> type | None:
    """The field's type, also beside None, where it is one of numbers."""
    annotation = field.annotation if field else None
    parts = get_args(annotation) if get_origin(annotation) in (Union, types.UnionType) else (annotation,)
    return next((part for part in (int, float) if part in parts), None)
