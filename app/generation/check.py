"""What can be seen to be wrong with a request before it waits in the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.generation.checkpoint_choice import configured, no_checkpoint
from app.generation.plan_names import resolve_sampler, resolve_schedule
from app.generation.plan_params import plan_params
from app.generation.plan_size import check_count, check_size
from app.values.model import CHECKPOINT_KIND, CHECKPOINT_SETTING
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


def _check_checkpoint(wanted: str, host: Host) -> None:
    """It must exist; where the setting is frozen, it must be the one in use."""
    record = host.models.find(CHECKPOINT_KIND, wanted)
    if record is None:
        raise no_checkpoint(wanted)
    if CHECKPOINT_SETTING in host.settings.options:
        current = configured(host.settings.get(CHECKPOINT_SETTING), host.models)
        if current is None or current.path != record.path:
            host.settings.for_request({CHECKPOINT_SETTING: record.title})
