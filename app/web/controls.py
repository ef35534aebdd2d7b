"""Draws the gradio component that fits a field of a pydantic model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import gradio as gr
from pydantic.fields import FieldInfo

from app.values.base import Json
from app.values.control import control_of

PLAIN: Mapping[str, type[Any]] = MappingProxyType({"checkbox": gr.Checkbox, "number": gr.Number, "text": gr.Textbox, "color": gr.Textbox})


def draw_control(name: str, field: FieldInfo, *, elem_id: str, value: Json = None, choices: Sequence[Any] | None = None) -> Any:
    """The component for one field; ``value`` None means the field's default, ``choices`` None those that the field declares."""
    control = control_of(field, choices)
    shared: dict[str, Any] = {
        "label": field.title or name,
        "info": field.description,
        "elem_id": elem_id,
        "value": field.get_default(call_default_factory=True) if value is None else value,
    }
    if control.kind in ("choice", "choices"):
        listed: list[Any] = list(control.choices or ())
        several, free = control.kind == "choices", control.choices is None
        return gr.Dropdown(choices=listed, multiselect=several, allow_custom_value=free, **shared)
    if control.lowest is not None and control.highest is not None:
        return gr.Slider(control.lowest, control.highest, step=control.step, buttons=[], **shared)
    if control.kind == "number" and control.whole:
        return gr.Number(precision=0, **shared)
    return PLAIN[control.kind](**shared)
