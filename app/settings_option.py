"""One setting: what an extension declared about it, and how values are brought into its type."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from app.contracts import SettingsSection
from app.values.base import Json
from app.values.params import field_extra


@dataclass(frozen=True)
class Option:
    """One setting: ``owner`` is "host" or an extension id; label, help and limits are in ``field``; ``default`` is JSON."""

    key: str
    owner: str
    section: SettingsSection
    field: FieldInfo
    default: Json

    @property
    def extra(self) -> Mapping[str, Json]:
        """Facts beside pydantic's own: ``infotext``, ``elem_id``, ``reload``, ``restrict_api``, ``is_path``, ``hidden``, ``choices``."""
        return field_extra(self.field)

    @property
    def label(self) -> str:
        """What the user reads."""
        return self.field.title or self.key

    def validate(self, value: Json) -> Json:
        """The value as this option keeps it; raises pydantic's ValidationError."""
        adapter = _adapter(self.field)
        return _json(adapter, adapter.validate_python(value))


def check_section(section: SettingsSection) -> None:
    """Raise TypeError or ValidationError when a section cannot be used: no defaults, or defaults that are not valid."""
    for key, field in section.model.model_fields.items():
        if field.is_required():
            raise TypeError(f"the setting {key!r} has no default")
        _adapter(field).validate_python(field.get_default(call_default_factory=True))


def default_of(field: FieldInfo) -> Json:
    """A field's default as JSON."""
    return _json(_adapter(field), field.get_default(call_default_factory=True))


def _adapter(field: FieldInfo) -> TypeAdapter[Any]:
    annotation: Any = field.annotation
    return TypeAdapter(Annotated[annotation, *field.metadata, BeforeValidator(_writable)])


def _writable(value: object) -> object:
    """The value; raises ValueError for what no JSON file can hold."""
    try:
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except ValueError as error:
        raise ValueError(f"it cannot be written as JSON: {error}") from None
    except TypeError:
        pass  # a value of Python's, such as a default
    return value


def _json(adapter: TypeAdapter[Any], value: object) -> Json:
    dumped: Json = adapter.dump_python(value, mode="json")
    return dumped


def reason_of(error: ValidationError) -> str:
    """The first complaint, as a sentence."""
    first = error.errors(include_url=False)[0]
    return str(first["msg"])
