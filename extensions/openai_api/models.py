"""The checkpoints as OpenAI's API lists models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.api import Json, ModelRecord, NotFoundError
from extensions.checkpoints.api import current, usable

if TYPE_CHECKING:
    from app.api import Host


def listed_models(host: Host) -> list[Json]:
    """The one in use first."""
    in_use, found = current(host), usable(host)
    return [_model(record) for record in sorted(found, key=lambda record: record != in_use)]


def model(name: str, host: Host) -> Json:
    """One of them by any of its names; raises NotFoundError."""
    record = host.models.find("checkpoint", name)
    if record is None or not record.usable:
        raise NotFoundError(f"The model {name!r} does not exist.", field="model")
    return _model(record)


def _model(record: ModelRecord) -> Json:
    name = record.name.rpartition(".")[0] or record.name
    return {"id": name, "object": "model", "created": record.mtime_ns // 10**9, "owned_by": "paintbox"}
