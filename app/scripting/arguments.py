"""What clients send for a script's fields: values in order, or by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from app.contracts import Script
from app.errors import UserError
from app.values.base import Json
from app.values.control import control_of
from app.values.params import field_extra

if TYPE_CHECKING:
    from app.host import Host

FIELD = "script_args"


def params_of_arguments(script: Script, arguments: Sequence[Json] | Mapping[str, Json], host: Host, form: str) -> dict[str, Json]:
    """The fields' values; a list must have one for each field (an empty one: their defaults). Raises UserError.

    Of a field with ``index`` in its extra a number is the place of the value among its choices.
    """
    names = list(script.params.model_fields)
    if isinstance(arguments, Mapping):
        unknown = [name for name in arguments if name not in names]
        if unknown:
            raise UserError(f"The script {script.title!r} has no field {unknown[0]!r}.", hint=f"It has {', '.join(names)}.", field=FIELD)
        given: dict[str, Json] = dict(arguments)
    elif arguments and len(arguments) != len(names):
        what = f"The script {script.title!r} takes {len(names)} arguments, not {len(arguments)}."
        raise UserError(what, hint=f"In order: {', '.join(names)}.", field=FIELD)
    else:
        given = dict(zip(names, arguments, strict=False))
    return {name: _value(script, name, value, host, form) for name, value in given.items()}


def _value(script: Script, name: str, value: Json, host: Host, form: str) -> Json:
    field = script.params.model_fields[name]
    if not field_extra(field).get("index") or isinstance(value, bool) or not isinstance(value, int | float):
        return value
    listed = choices_of(script, name, host, form)
    if value != int(value) or not 0 <= value < len(listed):
        what = f"The script {script.title!r} has no choice {value} for {field.title or name}."
        raise UserError(what, hint=f"There are {len(listed)}, counted from 0.", field=FIELD)
    return listed[int(value)]


def choices_of(script: Script, name: str, host: Host, form: str) -> list[Json]:
    """What a field can be chosen from in a form; [] where it is not chosen."""
    listed = script.params.form_choices(host, form).get(name)
    return [value for _, value in control_of(script.params.model_fields[name], listed).choices or ()]
