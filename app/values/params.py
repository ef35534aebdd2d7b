"""What a feature lets a user set: one frozen model per feature, from which form, API, infotext and axes follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

from pydantic import ConfigDict
from pydantic.fields import FieldInfo

from app.values.asked import Asked, Size
from app.values.base import Json, Value


class Params(Value):
    """Base of a feature's parameters.

    Declare each field with ``pydantic.Field(default, title=..., description=..., ge=..., le=...)``. Extra facts go into
    ``json_schema_extra``: ``infotext`` (the infotext key), ``step``, ``range`` (of the control, where more is allowed), ``unit``,
    ``elem_id`` (see ``Form.elem_id``), ``api`` (the name of the field in the flat A1111 request), ``prompt`` ("positive" or "negative":
    a prompt, which styles are merged into), ``picture`` (true: holds names of pictures in ``host.inputs``, which must be there). The
    default of every field means "as if the feature were absent".
    """

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    feature: ClassVar[str]
    """Id of the feature, unique over all extensions; its key in ``GenerationRequest.params``."""

    script: ClassVar[str] = ""
    """Title of A1111's always-on script whose arguments are these fields in order; "" where there is none."""

    switch: ClassVar[str] = ""
    """The field that switches the feature on; "" where there is none."""

    forms: ClassVar[tuple[str, ...]] = ()
    """Ids of the forms that have the feature, none for every form."""

    from_pass: ClassVar[int] = 0
    """The first pass that the values have a part in; what they change of earlier ones stands in the plan's passes."""

    after_sampling: ClassVar[bool] = False
    """The values have a part only in what is made of pictures that are drawn."""

    @classmethod
    def of(cls, params: Mapping[str, Mapping[str, Json]]) -> Self:
        """The feature's values among those of all features (``request.params``, ``plan.params``); the defaults where it has none.

        Errors: pydantic's ValidationError.
        """
        return cls.model_validate(params.get(cls.feature, {}))

    @classmethod
    def read_infotext(cls, fields: Mapping[str, str], host: Any) -> dict[str, Json]:
        """What an infotext's fields say, by field name: the labelled fields' values, the default where one is not mentioned.

        A feature whose fields follow from several labels, or whose names must be looked up in the host, says so here.
        """
        labels = {name: field_extra(field).get("infotext") for name, field in cls.model_fields.items()}
        return {name: fields.get(label, cls.model_fields[name].default) for name, label in labels.items() if isinstance(label, str)}

    @classmethod
    def labels(cls, fields: Mapping[str, str]) -> frozenset[str]:
        """The labels among an infotext's fields that ``read_infotext`` understands: those that the fields declare, and numbered ones."""
        declared = {field_extra(field).get("infotext") for field in cls.model_fields.values()}
        return frozenset(label for label in declared if isinstance(label, str))

    @classmethod
    def from_script(cls, arguments: Sequence[Json]) -> dict[str, Json]:
        """The arguments of A1111's always-on script ``script``, by field name: in order, fewer leave the rest as it is."""
        return dict(zip(cls.model_fields, arguments, strict=False))

    @classmethod
    def drawn_size(cls, size: Size, asked: Asked) -> Size:
        """The size of a finished picture that would have ``size`` without the feature, as far as it can be seen before drawing."""
        return size

    @classmethod
    def choices(cls, host: Any) -> Mapping[str, Sequence[str]]:
        """What fields can be chosen from at this moment, by field name, where only the host knows; empty by default.

        A pasted value that is not among them is named to the user and leaves the control as it is.
        """
        return {}

    @classmethod
    def is_offered(cls, form: str) -> bool:
        """Whether the form has the feature."""
        return not cls.forms or form in cls.forms

    @property
    def is_on(self) -> bool:
        """False where the other fields change nothing: as ``switch`` says; a feature that more than a switch decides about says so here."""
        return not self.switch or bool(getattr(self, self.switch))

    def changed(self) -> dict[str, Json]:
        """The fields that differ from their defaults, as JSON values."""
        return self.model_dump(mode="json", exclude_defaults=True)


class ScriptParams(Params):
    """Base of the fields of a script from the list "Script"; ``feature`` is the script's id.

    They are kept apart from the features' Params and do not ride in a request. Further extras: ``index`` (clients send the number of
    the choice), ``brief`` (see ``items``), ``lines`` (height of a text field), ``placeholder``, ``hidden`` (a field for clients that the
    page does not show).
    """

    @classmethod
    def form_choices(cls, host: Any, form: str) -> Mapping[str, Sequence[str]]:
        """As ``choices``, for the form of this id."""
        return cls.choices(host)

    def items(self) -> dict[str, str]:
        """The fields that have an ``infotext`` label as items of an infotext; several values are joined by spaces.

        Those with ``brief`` are left out while they have their default.
        """
        extras = {name: field_extra(field) for name, field in type(self).model_fields.items()}
        changed = self.model_dump(exclude_defaults=True)
        labels = {name: extra.get("infotext") for name, extra in extras.items() if name in changed or not extra.get("brief")}
        values = self.model_dump(mode="json")
        return {label: _told(values[name]) for name, label in labels.items() if isinstance(label, str)}


def _told(value: Json) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else f"{value:g}" if isinstance(value, float) else str(value)


def field_extra(field: FieldInfo) -> Mapping[str, Json]:
    """The ``json_schema_extra`` mapping of a field, empty when it has none."""
    extra = field.json_schema_extra
    return dict(extra) if isinstance(extra, dict) else {}
