"""The route that puts a conversion into the queue."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool

from app.api import Host, Value

from .params import KIND, ConvertRequest


class Queued(Value):
    """The job, to be watched at /paintbox/v1/jobs/ID."""

    job: str


def owner_of(request: Request) -> str:
    """Name of the user who asks; "" without accounts."""
    return str(request.state.user.name)


def make_router(host: Host) -> APIRouter:
    """One route."""
    router = APIRouter(prefix="/paintbox/v1/models", tags=["models"])

    @router.post("/convert", status_code=202, summary="Write a model file anew as safetensors, in another number format or pruned")
    async def convert(request: ConvertRequest, owner: Annotated[str, Depends(owner_of)]) -> Queued:
        def submit() -> Queued:
            values = request.model_dump(mode="json")
            return Queued(job=host.jobs.submit(KIND, values, owner=owner, source="api", settings=host.settings.changed()).id)

        return await run_in_threadpool(submit)

    return router
