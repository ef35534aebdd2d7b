"""The base of every value that travels between processes: frozen, JSON both ways."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, JsonValue

Json = JsonValue


class Value(BaseModel):
    """A frozen record; change it with ``value.model_copy(update={...})``, never in place."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())
