"""Draws a gradio component for a field of a pydantic model, from its type, limits, title and choices."""

from __future__ import annotations

import types
from collections.abc import Sequence
from typing import Any, Literal, Union, get_args, get_origin

import annotated_types
import gradio as gr
from pydantic.fields import FieldInfo

from app.values.base import Json
from app.values.params import field_extra

CONTROLS: dict[type, type[Any]] = {bool: gr.Checkbox, int: gr.Number, float: gr.Number, str: gr.Textbox}


def draw_control(name: str, field: FieldInfo, *, elem_id: str, value: Json = None, choices: Sequence[Any] | None = None) -> Any:
    """The component for one field; ``value`` None means the field's default, ``choices`` None those that the field declares."""
    kind = _plain_type(field.annotation)
    shared: dict[str, Any] = {
        "label": field.title or name,
        "info": field.description,
        "elem_id": elem_id,
        "value": field.get_default(call_default_factory=True) if value is None else value,
    }
    choices = _choices(field, kind) if choices is None else choices
    several = get_origin(kind) in (list, tuple)
    if choices is not None or several:
        return gr.Dropdown(choices=list(choices or ()), multiselect=several, allow_custom_value=choices is None, **shared)
    lowest, highest = _range(field)
    if kind in (int, float) and lowest is not None and highest is not None:
        return gr.Slider(lowest, highest, step=_step(field, kind, highest - lowest), buttons=[], **shared)
    if kind is int:
        return gr.Number(precision=0, **shared)
    return CONTROLS.get(kind, gr.Textbox)(**shared)


def _plain_type(annotation: Any) -> Any:
    """The type without ``None`` beside it."""
    if get_origin(annotation) in (Union, types.UnionType):
        kept = [part for part in get_args(annotation) if part is not type(None)]
        return kept[0] if len(kept) == 1 else str
    return annotation


def _choices(field: FieldInfo, kind: Any) -> Sequence[Any] | None:
    given = field_extra(field).get("choices")
    if isinstance(given, list):
        return given
    inner = get_args(kind)[0] if get_origin(kind) in (list, tuple) else kind
    return get_args(inner) if get_origin(inner) is Literal else None


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
