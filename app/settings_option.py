"""One setting: what an extension declared about it, and how values are brought into its type."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from app.contracts import Choices, SettingsSection
from app.errors import UserError
from app.values.base import Json
from app.values.complaints import reason_for
from app.values.control import Control, control_of
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
        """Facts beside pydantic's own, all of them optional.

        ``infotext`` (key), ``is_path``, ``is_source`` (a path that is read: no request may choose it), ``guarded`` (only who may install
        extensions may change it), ``restrict_api`` (not through A1111's API), ``hidden`` (no control), ``secret`` (never sent to
        anybody); ``reload`` or ``restart``: a change works after Reload UI, or after the next start; for the control ``choices``,
        ``range``, ``step``, ``control`` ("color"); ``quicksettings_panel``: id of the panel that is its control at the top of the page.
        ``first_pass``: what part it has in a first pass that begins with noise, beside what stands in the plan: "no part", "encoding"
        (only where pictures are encoded); without it, any. Requests of one job that differ in nothing else share their first pass.
        """
        return field_extra(self.field)

    @property
    def label(self) -> str:
        """What the user reads."""
        return self.field.title or self.key

    @property
    def is_secret(self) -> bool:
        """True for what nobody may read back: a password, a token."""
        return bool(self.extra.get("secret"))

    @property
    def choices(self) -> Choices | None:
        """Where its choices come from when the model cannot name them."""
        return self.section.choices.get(self.key)

    @property
    def control(self) -> Control:
        """The control that fits it, with the choices of this moment; raises whatever the extension that lists them raises."""
        return control_of(self.field, self.choices.listed() if self.choices else None)

    def validate(self, value: Json) -> Json:
        """The value as this option keeps it; raises pydantic's ValidationError."""
        adapter = _adapter(self.field)
        return _json(adapter, adapter.validate_python(value))


def check_section(section: SettingsSection) -> None:
    """Raise TypeError or ValidationError when a section cannot be used: no defaults, or defaults that are not valid, choices of no key."""
    strange = section.choices.keys() - section.model.model_fields.keys()
    if strange:
        raise TypeError(f"choices are given for {', '.join(sorted(strange))}, which the section does not have")
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


def unusable(option: Option, value: object, error: ValidationError) -> UserError:
    """The refusal of a value."""
    reason = reason_of(error, option.field)
    if value in (None, ""):
        return UserError(f"The setting {option.label!r} ({option.key}) is empty: {reason}.", field=option.key)
    return UserError(f"The setting {option.label!r} ({option.key}) cannot be {value!r}: {reason}.", field=option.key)


def reason_of(error: ValidationError, field: FieldInfo) -> str:
    """The first complaint about a field's value, without a full stop."""
    return reason_for(error.errors(include_url=False)[0], field)
