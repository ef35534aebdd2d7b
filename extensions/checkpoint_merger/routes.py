"""Routes below /paintbox/v1/models/merge."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool

from app.api import Host, NotFoundError, UserError, Value
from app.api.routes import MODEL_FILES, Owner, Queued, may_change, put_into_queue
from extensions.checkpoint_merger.blocks import BASE, block_names
from extensions.checkpoint_merger.params import KIND, PREFIX, MergeRequest
from extensions.checkpoint_merger.recipe import joined_metadata, parse_metadata
from extensions.checkpoint_merger.sources import FOLDER, find_model, prepare


class Outlook(Value):
    """What a merge would give: the file's name and size (with discarded weights) and remarks, or the ``problem`` and the field at fault.

    ``blocks``: those of the primary model that can have weights, BASE first.
    """

    blocks: tuple[str, ...] = ()
    name: str = ""
    size_bytes: int = 0
    tensors: int = 0
    remarks: tuple[str, ...] = ()
    problem: str = ""
    field: str = ""


class Notes(Value):
    """Metadata of several files in one."""

    metadata: dict[str, str]


def look_ahead(request: MergeRequest, host: Host) -> Outlook:
    """What would come of the request."""
    outlook = Outlook()
    try:
        blocks = block_names(host.models.header(find_model(request.primary, "primary", host)).tensors)
        outlook = Outlook(blocks=(BASE, *blocks) if blocks else ())
        parse_metadata(request)
        prepared = prepare(request, host)
    except UserError as error:
        return outlook.model_copy(update={"problem": str(error), "field": error.field})
    plan = prepared.plan
    found = {"name": prepared.target.name, "size_bytes": plan.size_bytes, "tensors": len(plan.tensors), "remarks": plan.remarks}
    return outlook.model_copy(update=found)


def make_router(host: Host) -> APIRouter:
    """The routes."""
    router = APIRouter(prefix=PREFIX, tags=["models"])

    @router.post("", status_code=202, summary="Merge two or three checkpoints into a new one", dependencies=[may_change(MODEL_FILES, host)])
    async def merge(request: MergeRequest, owner: Owner) -> Queued:
        return await run_in_threadpool(put_into_queue, host, KIND, request, owner)

    @router.post("/outlook", summary="What a merge would give, without doing it")
    async def outlook(request: MergeRequest) -> Outlook:
        return await run_in_threadpool(look_ahead, request, host)

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
