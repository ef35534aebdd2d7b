"""Writes pickled model files anew as safetensors: a job, and the route that asks for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from app.api import JobKind, JobResult, Run, hookimpl
from extensions.model_conversion.params import KIND, ConvertRequest, find_model, target_of

if TYPE_CHECKING:
    from pydantic import BaseModel

    from app.api import Host


@hookimpl
def register_job_kinds(host: Host) -> Iterable[JobKind]:
    """Converting reads and writes gigabytes, so it is a job; what can be seen without reading is checked before it is queued."""

    def check(request: BaseModel) -> None:
        asked = ConvertRequest.model_validate(request.model_dump())
        target_of(asked, find_model(asked, host))

    def run(run: Run, request: BaseModel) -> JobResult:
        from extensions.model_conversion.convert import convert

        return convert(run, ConvertRequest.model_validate(request.model_dump()))

    return (JobKind(KIND, "Convert a model file to safetensors", ConvertRequest, run, check),)


@hookimpl
def register_routes(host: Host) -> Iterable[Any]:
    """Asking for it."""
    from extensions.model_conversion.routes import make_router

    return (make_router(host),)
