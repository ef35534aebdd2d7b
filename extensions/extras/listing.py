"""Operations as data: what the page needs to draw their controls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.api import Json, Value, field_extra
from extensions.extras.api import ImageOperation
from extensions.extras.operations import available

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from app.api import Host


class ListedTab(Value):
    """A value of a field that is drawn as a tab."""

    value: Json
    title: str
    elem_id: str


class ListedField(Value):
    """A control: ``kind`` is tick, number, choice, tabs or text; a number with ``least`` and ``most`` is a slider.

    ``lowest`` and ``highest``: what a number can be at all, where a slider shows less.
    ``swap_with``: a button ``swap_id`` behind it exchanges its value with that field's.
    """

    name: str
    title: str
    note: str = ""
    elem_id: str
    kind: str
    value: Json
    least: float | None = None
    most: float | None = None
    lowest: float | None = None
    highest: float | None = None
    step: float | None = None
    choices: tuple[str, ...] = ()
    tabs: tuple[ListedTab, ...] = ()
    only_if: dict[str, Json] = {}
    swap_with: str = ""
    swap_id: str = ""


class ListedOperation(Value):
    """A block of controls."""

    id: str
    title: str
    note: str
    elem_id: str
    is_on: bool
    fields: tuple[ListedField, ...]


def list_operations(host: Host) -> list[ListedOperation]:
    """All that are there, in order."""
    return [_listed(operation, host) for operation in available(host, host.settings.snapshot())]


def _listed(operation: ImageOperation, host: Host) -> ListedOperation:
    choices = operation.params.choices(host)
    properties = operation.params.model_json_schema()["properties"]
    fields = tuple(
        _field(operation, name, field, properties[name], tuple(choices.get(name, ())))
        for name, field in operation.params.model_fields.items()
    )
    return ListedOperation(
        id=operation.id, title=operation.title, note=operation.note, elem_id=operation.elem_id, is_on=operation.is_on, fields=fields
    )


def _field(operation: ImageOperation, name: str, field: FieldInfo, schema: dict[str, Any], choices: tuple[str, ...]) -> ListedField:
    extra: dict[str, Any] = dict(field_extra(field))
    choices = choices or tuple(schema.get("enum", ()))
    span = extra.get("range") or [schema.get("minimum"), schema.get("maximum")]
    kind = {"boolean": "tick", "integer": "number", "number": "number"}.get(schema.get("type", ""), "text")
    if extra.get("tabs"):
        kind = "tabs"
    elif choices:
        kind = "choice"
    return ListedField(
        name=name,
        title=field.title or name,
        note=field.description or "",
        elem_id=str(extra.get("elem_id") or f"{operation.elem_id}_{name}"),
        kind=kind,
        value=field.default,
        least=span[0],
        most=span[1],
        lowest=schema.get("minimum"),
        highest=schema.get("maximum"),
        step=extra.get("step"),
        choices=choices,
        tabs=tuple(ListedTab(value=value, title=title, elem_id=elem_id) for value, title, elem_id in extra.get("tabs") or ()),
        only_if=extra.get("only_if") or {},
        swap_with=str(extra.get("swap_with") or ""),
        swap_id=str(extra.get("swap_id") or ""),
    )
