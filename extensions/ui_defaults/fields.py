"""Which facts of a control the file may set, and whether a value can be one."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from app.api import Json, PageControl

NUMBERS = ("minimum", "maximum", "step")
FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "slider": ("value", "minimum", "maximum", "step"),
        "radio": ("value",),
        "checkbox": ("value",),
        "checkboxgroup": ("value",),
        "textbox": ("value",),
        "number": ("value",),
        "dropdown": ("value",),
        "button": (),
    }
)
"""Fields beside ``visible``, by the kind of control."""
MOST, LEAST = 2**53, 1e-9
"""Size of the numbers that a control can have: browsers keep whole numbers exactly up to the one, and sliders have steps of the other."""
GENERATE = "_generate"
"""End of the id of a form's button (A1111's)."""


def fields_of(control: PageControl) -> tuple[str, ...]:
    """What the file may set of a control, in the order in which it is written and checked: limits before the value."""
    return ("visible", *sorted(FIELDS[control.kind], key=lambda field: field == "value"))


def is_tracked(control: PageControl) -> bool:
    """Whether the file has lines of this control: those that nobody sees have none."""
    return control.kind in FIELDS and control.component.visible is True


def current(control: PageControl, field: str) -> Json:
    """What the control has now."""
    value: Json = getattr(control.component, field)
    return value


def problem(control: PageControl, field: str, value: Json) -> str:
    """Why the field cannot have this value; "" when it can."""
    if field == "visible":
        return _visible_problem(control, value)
    if field in NUMBERS:
        return _number_problem(value) or ("it must be above zero" if field == "step" and value <= 0 else "")  # type: ignore[operator]
    return _value_problem(control, value)


def _visible_problem(control: PageControl, value: Json) -> str:
    """The button that a form is sent with cannot be hidden: nothing could be drawn."""
    if not isinstance(value, bool):
        return "it must be true or false"
    is_generate = control.kind == "button" and str(control.component.elem_id).endswith(GENERATE)
    return "nothing could be drawn without this button" if is_generate and not value else ""


def _number_problem(value: Json) -> str:
    """Numbers that browsers can count with: JSON files hold others too."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return "it must be a number"
    if not -MOST <= value <= MOST:  # so are NaN and Infinity
        return f"it must be a finite number, at most {MOST} in size"
    return f"it must be 0, or at least {LEAST} in size" if value and abs(value) < LEAST else ""


def _value_problem(control: PageControl, value: Json) -> str:
    component = control.component
    if control.kind == "slider":
        is_inside = not _number_problem(value) and component.minimum <= value <= component.maximum
        return "" if is_inside else _number_problem(value) or f"it must be from {component.minimum} to {component.maximum}"
    if control.kind == "number":
        return "" if value is None else _number_problem(value)
    if control.kind == "checkbox":
        return "" if isinstance(value, bool) else "it must be true or false"
    if control.kind == "textbox":
        return "" if isinstance(value, str) else "it must be text"
    return _choice_problem(component, value)


def _choice_problem(component: Any, value: Json) -> str:
    """Several values are a list of choices; a drop-down that takes any text has no list to be checked against."""
    several = getattr(component, "multiselect", None) or component.get_block_name() == "checkboxgroup"
    values = value if isinstance(value, list) else [value]
    if isinstance(value, list) != bool(several):
        return "it must be a list" if several else "it must be one of the choices, not a list"
    if getattr(component, "allow_custom_value", False):
        return "" if all(isinstance(each, str) for each in values) else "it must be text"
    known = [choice for _, choice in component.choices]
    strange = [each for each in values if each not in known]
    return f"{strange[0]!r} is not one of its choices" if strange else ""
