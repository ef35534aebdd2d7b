"""Which control fits a field of a pydantic model, by its type, limits and choices; how it is drawn is the page's affair."""

from __future__ import annotations

import types
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Union, get_args, get_origin

import annotated_types
from pydantic.fields import FieldInfo

from app.values.base import Json
from app.values.params import field_extra

ControlKind = Literal["checkbox", "slider", "number", "text", "color", "choice", "choices"]
_KINDS: tuple[tuple[type, ControlKind], ...] = ((bool, "checkbox"), (int, "number"), (float, "number"))


@dataclass(frozen=True)
class Control:
    """A control: ``choices`` (label, value) for the kinds "choice" and "choices", None where anything can be typed.

    ``lowest``, ``highest`` and ``step`` are those of the control where there are such; ``whole``: only whole numbers; ``optional``: it
    may be left empty.
    """

    kind: ControlKind
    choices: tuple[tuple[str, Json], ...] | None = None
    lowest: float | None = None
    highest: float | None = None
    step: float | None = None
    whole: bool = False
    optional: bool = False


def control_of(field: FieldInfo, choices: Sequence[Any] | None = None) -> Control:
    """The control for a field; ``choices`` are values or (label, value), None: those that the field declares."""
    kind, optional = _plain_type(field.annotation)
    several = get_origin(kind) in (list, tuple)
    listed = _listed(_declared(field, kind) if choices is None else choices)
    if listed is not None or several:
        return Control("choices" if several else "choice", listed, optional=optional)
    lowest, highest = _range(field)
    if kind in (int, float):
        is_slider = lowest is not None and highest is not None
        step = _step(field, kind, (highest or 0) - (lowest or 0)) if is_slider else 1.0 if kind is int else None
        return Control("slider" if is_slider else "number", None, lowest, highest, step, kind is int, optional)
    declared = field_extra(field).get("control")
    plain = next((name for each, name in _KINDS if kind is each), "color" if declared == "color" else "text")
    return Control(plain, optional=optional)


def _plain_type(annotation: Any) -> tuple[Any, bool]:
    """The type without ``None`` beside it, and whether that was there."""
    if get_origin(annotation) in (Union, types.UnionType):
        kept = [part for part in get_args(annotation) if part is not type(None)]
        return (kept[0] if len(kept) == 1 else str), len(kept) < len(get_args(annotation))
    return annotation, False


def _declared(field: FieldInfo, kind: Any) -> Sequence[Any] | None:
    given = field_extra(field).get("choices")
    if isinstance(given, list):
        return given
    inner = get_args(kind)[0] if get_origin(kind) in (list, tuple) else kind
    return get_args(inner) if get_origin(inner) is Literal else None


def _listed(choices: Sequence[Any] | None) -> tuple[tuple[str, Json], ...] | None:
    if choices is None:
        return None
    return tuple((str(each[0]), each[1]) if isinstance(each, (tuple, list)) else (str(each), each) for each in choices)


def _range(field: FieldInfo) -> tuple[float | None, float | None]:
    """Lowest and highest value of the control: ``range`` where the field allows more than people should have to scroll through."""
    given = field_extra(field).get("range")
    if isinstance(given, list) and len(given) == 2:
        return float(str(given[0])), float(str(given[1]))
    return _limit(field, annotated_types.Ge, "ge"), _limit(field, annotated_types.Le, "le")


def _limit(field: FieldInfo, kind: type[Any], attribute: str) -> float | None:
    return next((getattr(item, attribute) for item in field.metadata if isinstance(item, kind)), None)


def _step(field: FieldInfo, kind: Any, width: float) -> float:
    given = field_extra(field).get("step")
    if isinstance(given, (int, float)):
        return given
    return 1 if kind is int else 0.01 if width <= 10 else 0.5
