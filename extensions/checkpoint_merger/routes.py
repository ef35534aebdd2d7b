"""Routes below /paintbox/v1/models/merge."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool

from app.api import Host, NotFoundError, Value
from extensions.checkpoint_merger.blocks import BASE, block_names
from extensions.checkpoint_merger.params import KIND, MergeRequest
from extensions.checkpoint_merger.recipe import joined_metadata, parse_metadata
from extensions.checkpoint_merger.sources import FOLDER, headers_of, prepare


class Queued(Value):
    """The job, to be watched at /paintbox/v1/jobs/ID."""

    job: str


class Outlook(Value):
    """What a merge would give: the file's name and size, the blocks that can have weights, and remarks."""

    name: str
    size_bytes: int
    tensors: int
    blocks: tuple[str, ...]
    remarks: tuple[str, ...]


class Notes(Value):
    """Metadata of several files in one."""

    metadata: dict[str, str]


def owner_of(request: Request) -> str:
    """Name of the user who asks; "" without accounts."""
    return str(request.state.user.name)


def make_router(host: Host) -> APIRouter:
    """The routes."""
    router = APIRouter(prefix="/paintbox/v1/models/merge", tags=["models"])

    @router.post("", status_code=202, summary="Merge two or three checkpoints into a new one")
    async def merge(request: MergeRequest, owner: Annotated[str, Depends(owner_of)]) -> Queued:
        def submit() -> Queued:
            values = request.model_dump(mode="json")
            return Queued(job=host.jobs.submit(KIND, values, owner=owner, source="api", settings=host.settings.changed()).id)

        return await run_in_threadpool(submit)

    @router.post("/outlook", summary="What a merge would give, without doing it")
    async def outlook(request: MergeRequest) -> Outlook:
        def look() -> Outlook:
            parse_metadata(request)
            prepared = prepare(request, host)
            plan = prepared.plan
            blocks = block_names(headers_of(prepared.sources, host)[0].tensors)
            names = (BASE, *blocks) if blocks else ()
            return Outlook(
                name=prepared.target.name, size_bytes=plan.size_bytes, tensors=len(plan.tensors), blocks=names, remarks=plan.remarks
            )

        return await run_in_threadpool(look)

    @router.get("/metadata", summary="The metadata of checkpoints, later ones on top of earlier ones")
    async def metadata(model: Annotated[list[str], Query()]) -> Notes:
        def read() -> Notes:
            found = [(name, host.models.find(FOLDER, name)) for name in model if name]
            for name, record in found:
                if record is None:
                    raise NotFoundError(f"There is no checkpoint {name!r}.", field="model")
            return Notes(metadata=joined_metadata(record for _, record in found if record is not None))

        return await run_in_threadpool(read)

    return router
