"""Routes that put an extraction or a baking into the queue."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool

from app.api import Host, Value
from extensions.lora_tools.params import BAKE, EXTRACT, BakeRequest, ExtractRequest


class Queued(Value):
    """The job, to be watched at /paintbox/v1/jobs/ID."""

    job: str


def owner_of(request: Request) -> str:
    """Name of the user who asks; "" without accounts."""
    return str(request.state.user.name)


Owner = Annotated[str, Depends(owner_of)]


def make_router(host: Host) -> APIRouter:
    """Two routes."""
    router = APIRouter(prefix="/paintbox/v1/models", tags=["models"])

    def submit(kind: str, request: Value, owner: str) -> Queued:
        values = request.model_dump(mode="json")
        return Queued(job=host.jobs.submit(kind, values, owner=owner, source="api", settings=host.settings.changed()).id)

    @router.post("/extract-lora", status_code=202, summary="Make a LoRA of the difference of two checkpoints")
    async def extract(request: ExtractRequest, owner: Owner) -> Queued:
        return await run_in_threadpool(submit, EXTRACT, request, owner)

    @router.post("/bake-loras", status_code=202, summary="Write a checkpoint with LoRAs in its weights")
    async def bake(request: BakeRequest, owner: Owner) -> Queued:
        return await run_in_threadpool(submit, BAKE, request, owner)

    return router
