"""What can be seen to be wrong with a request before it waits in the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.generation.checkpoint_choice import FOLDER_KIND, no_checkpoint
from app.generation.plan_names import resolve_sampler, resolve_schedule
from app.generation.plan_params import plan_params
from app.generation.plan_settings import check_settings
from app.generation.plan_size import check_size
from app.values.request import GenerationRequest

if TYPE_CHECKING:
    from app.host import Host


def check_request(request: GenerationRequest, host: Host) -> None:
    """Raise UserError that names the field at fault; what only the worker knows is left to it."""
    sampler, combined = resolve_sampler(request.sampler, host.samplers, host.schedules)
    resolve_schedule(combined or request.scheduler, sampler, host.schedules)
    check_size("width", request.width)
    check_size("height", request.height)
    plan_params(request.params, host.params)
    check_settings(request.settings, host.settings)
    if request.checkpoint and host.models.find(FOLDER_KIND, request.checkpoint) is None:
        raise no_checkpoint(request.checkpoint)
