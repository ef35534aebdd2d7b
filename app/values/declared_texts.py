"""The words for users in the declaration of a model's fields: labels, help, units, placeholders and choices that are words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.values.control import control_of
from app.values.params import Params, field_extra

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo


def params_texts(params: type[Params], *, unnamed: bool = True) -> Iterator[str]:
    """The words of all fields that are shown; a field without a title is shown by its name, or, with ``unnamed`` False, not at all."""
    for name, field in params.model_fields.items():
        if not field_extra(field).get("hidden") and (field.title or unnamed):
            yield from field_texts(name, field)


def field_texts(name: str, field: FieldInfo) -> Iterator[str]:
    """Label, help and the rest of one field; of choices those that the declaration lists: others are names."""
    extra = field_extra(field)
    yield field.title or name
    yield field.description or ""
    yield from (str(extra.get(key) or "") for key in ("unit", "placeholder"))
    yield from (str(label) for label, _ in control_of(field, None).choices or ())
