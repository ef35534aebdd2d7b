"""What can be seen to be wrong with a request before it waits in the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.errors import UserError
from app.generation.checkpoint_choice import configured, no_checkpoint
from app.generation.plan_names import resolve_sampler, resolve_schedule
from app.generation.plan_params import plan_params
from app.generation.plan_size import check_count, check_size
from app.values.model import CHECKPOINT_KIND, CHECKPOINT_SETTING
from app.values.params import field_extra
from app.values.request import GenerationRequest

if TYPE_CHECKING:
    from app.host import Host


def check_request(request: GenerationRequest, host: Host) -> None:
    """Raise UserError that names the field at fault; what only the worker knows is left to it."""
    sampler, combined = resolve_sampler(request.sampler, host.samplers, host.schedules)
    resolve_schedule(combined or request.scheduler, sampler, host.schedules)
    check_count(request.batch_count, request.batch_size)
    check_size("width", request.width)
    check_size("height", request.height)
    plan_params(request.params, host.params)
    host.settings.for_request(request.settings)
    if request.checkpoint:
        _check_checkpoint(request.checkpoint, host)


def check_pictures(request: GenerationRequest, owner: str, host: Host) -> None:
    """Raise UserError that names the field whose picture this owner has not brought, or has brought too long ago."""
    for model in host.params:
        given = request.params.get(model.feature, {})
        for name, field in model.model_fields.items():
            if not field_extra(field).get("picture"):
                continue
            value = given.get(name)
            for ref in value if isinstance(value, list | tuple) else [value]:
                if isinstance(ref, str) and ref:
                    check_picture(ref, owner, host, f"params.{model.feature}.{name}")


def check_picture(ref: str, owner: str, host: Host, field: str, name: str = "") -> None:
    """Raise UserError that names ``field`` and the picture (by ``name``, if it has one) when this owner has no such picture."""
    try:
        host.inputs.find(ref, owner)
    except UserError as error:
        hint = "POST /paintbox/v1/inputs takes a picture and gives its name."
        raise UserError(f"There is no picture {(name or ref)[:60]!r} to start from.", hint=hint, field=field) from error


def _check_checkpoint(wanted: str, host: Host) -> None:
    """It must exist; where the setting is frozen, it must be the one in use."""
    record = host.models.find(CHECKPOINT_KIND, wanted)
    if record is None:
        raise no_checkpoint(wanted)
    if CHECKPOINT_SETTING in host.settings.options:
        current = configured(host.settings.get(CHECKPOINT_SETTING), host.models)
        if current is None or current.path != record.path:
            host.settings.for_request({CHECKPOINT_SETTING: record.title})
