"""The base of every value that travels between processes: frozen, JSON both ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue

Json = JsonValue
M = TypeVar("M", bound=BaseModel)


class Value(BaseModel):
    """A frozen record; change it with ``value.model_copy(update={...})``, never in place."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


def pick(model: type[M], values: Mapping[str, Json]) -> M:
    """``model`` from those of the ``values`` (of all settings, say) whose keys are its fields; raises pydantic's ValidationError."""
    return model.model_validate({name: values[name] for name in model.model_fields if name in values})


def short_number(value: float) -> int | float:
    """A whole number without its fraction, as infotexts and file names have it."""
    return int(value) if float(value).is_integer() else value
