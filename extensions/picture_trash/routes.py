"""Deleting a picture of a job, and bringing it back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from app.api import NotFoundError, Value
from extensions.picture_trash.trash import delete, restore

if TYPE_CHECKING:
    from app.api import Host


class Wanted(Value):
    """Picture ``number`` of a job."""

    job: str
    number: int


class Deleted(Value):
    """``id`` brings the picture back."""

    id: str
    name: str


class Restored(Value):
    """The file that is there again."""

    name: str


def make_router(host: Host) -> APIRouter:
    """The routes below /paintbox/v1/trash."""
    router = APIRouter(prefix="/paintbox/v1/trash", tags=["pictures"])

    @router.post("", summary="Delete a picture of a job; it can be brought back")
    async def put(wanted: Wanted, request: Request) -> Deleted:
        owner = str(request.state.user.name)
        picture = await run_in_threadpool(_picture, host, wanted, owner)
        return Deleted(id=await run_in_threadpool(delete, host, picture, owner), name=picture.name)

    @router.post("/{id}/restore", summary="Bring a deleted picture back")
    async def bring_back(id: str, request: Request) -> Restored:
        return Restored(name=await run_in_threadpool(restore, host, id, str(request.state.user.name)))

    return router


def _picture(host: Host, wanted: Wanted, owner: str) -> Path:
    job = host.jobs.get(wanted.job)
    if job.owner != owner:
        raise host.jobs.missing(wanted.job)
    pictures = host.jobs.snapshot(wanted.job).images
    if not 0 <= wanted.number < len(pictures):
        raise NotFoundError(f"The job {wanted.job} has no picture {wanted.number}.", hint=f"It has {len(pictures)}, counted from 0.")
    return Path(pictures[wanted.number].path)
