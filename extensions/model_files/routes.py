"""Routes below /paintbox/v1/models that change model files: upload, download, rename, move, trash."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from app.api import Host, NotFoundError, Value
from app.api.routes import MODEL_FILES, Owner, Queued, may_change, put_into_queue

from . import trash
from .keeping import WORK
from .params import KIND, PREFIX, DownloadRequest
from .places import ListedFolder, find_record, list_folders
from .renaming import Moved, move_model, rename_model
from .settling import Arrived, Settled, Wish, settle
from .uploads import NewUpload, Upload

SOURCE = "model_files"
"""Who asks for the jobs: the page lists them by this word."""


PART = {"requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}}
"""What the documentation says of a body that is read as it is."""


class Model(Value):
    """A model file by the kind of its folder and its name, title or hash."""

    folder_kind: str
    model: str


class Renaming(Model):
    """``name``: the new one, with or without the suffix, which stays."""

    name: str


class Moving(Model):
    """``folder``: a sub-folder of the kind's folder, "" for none; it is made if there is none."""

    folder: str


class Deleted(Value):
    """What is gone for good."""

    count: int
    size_bytes: int


def make_router(host: Host) -> APIRouter:
    """All of them ask first who may."""
    router = APIRouter(prefix=PREFIX, tags=["models"], dependencies=[may_change(MODEL_FILES, host)])
    _add_uploads(router, host)
    _add_changes(router, host)
    _add_trash(router, host)
    _add_downloads(router, host)
    return router


def _add_uploads(router: APIRouter, host: Host) -> None:
    @router.get("/folders", summary="Kinds of model folders: what may lie in them, and their sub-folders")
    def folders() -> list[ListedFolder]:
        return list_folders(host)

    @router.post("/uploads", status_code=201, summary="Begin to upload a model file")
    def begin(new: NewUpload, owner: Owner) -> Upload:
        return host.stash[WORK].uploads.begin(new, owner)

    @router.get("/uploads", summary="Uploads that have not been finished, the oldest first")
    def uploads(owner: Owner) -> list[Upload]:
        return host.stash[WORK].uploads.of_owner(owner)

    @router.get("/uploads/{upload_id}", summary="How much of an upload has arrived, and what the file is")
    def upload(upload_id: str, owner: Owner) -> Upload:
        return host.stash[WORK].uploads.get(upload_id, owner)

    @router.put("/uploads/{upload_id}", summary="Send the next part of a file (the body), from the byte `offset` on", openapi_extra=PART)
    async def append(upload_id: str, request: Request, owner: Owner, offset: Annotated[int, Query(ge=0)]) -> Upload:
        return await run_in_threadpool(host.stash[WORK].uploads.append, upload_id, owner, offset, await request.body())

    @router.post("/uploads/{upload_id}/finish", summary="Give a file that has arrived its place and its name")
    def finish(upload_id: str, wish: Wish, owner: Owner) -> Settled:
        with host.stash[WORK].uploads.arrived(upload_id, owner) as (path, recognised, hashes):
            return settle(Arrived(path, recognised, hashes), wish, host)

    @router.delete("/uploads/{upload_id}", status_code=204, summary="Give an upload up, and delete what has arrived")
    def discard(upload_id: str, owner: Owner) -> Response:
        host.stash[WORK].uploads.discard(upload_id, owner)
        return Response(status_code=204)


def _add_changes(router: APIRouter, host: Host) -> None:
    @router.post("/rename", summary="Give a model file another name, and everything that belongs to it")
    def rename(body: Renaming) -> Moved:
        return rename_model(find_record(body.folder_kind, body.model, host), body.name, host)

    @router.post("/move", summary="Move a model file to a sub-folder, and everything that belongs to it")
    def move(body: Moving) -> Moved:
        return move_model(find_record(body.folder_kind, body.model, host), body.folder, host)


def _add_trash(router: APIRouter, host: Host) -> None:
    @router.post("/trash", status_code=201, summary="Move a model file to the trash, and everything that belongs to it")
    def put(body: Model) -> trash.TrashedModel:
        return trash.trash_model(find_record(body.folder_kind, body.model, host), host)

    @router.get("/trash", summary="What is in the trash, the newest first")
    def listed() -> list[trash.TrashedModel]:
        return trash.list_trash(host)

    @router.post("/trash/{item_id}/restore", summary="Put a model file back where it was")
    def restore(item_id: str) -> trash.TrashedModel:
        return trash.restore(item_id, host)

    @router.delete("/trash/{item_id}", summary="Delete one model file of the trash for good")
    def delete(item_id: str) -> Deleted:
        return Deleted(count=1, size_bytes=trash.delete(item_id, host).size_bytes)

    @router.delete("/trash", summary="Empty the trash for good")
    def empty() -> Deleted:
        deleted = trash.empty(host)
        return Deleted(count=len(deleted), size_bytes=sum(item.size_bytes for item in deleted))


def _add_downloads(router: APIRouter, host: Host) -> None:
    @router.post("/downloads", status_code=202, summary="Download a model file from an address, as a job beside the drawing")
    def begin(request: DownloadRequest, owner: Owner) -> Queued:
        return put_into_queue(host, KIND, request, owner, SOURCE)

    @router.delete("/downloads/{job_id}", status_code=204, summary="Delete what has arrived of a download that has ended early")
    def discard(job_id: str, owner: Owner) -> Response:
        job = host.jobs.get(job_id)
        if job.kind != KIND or job.owner != owner:
            raise NotFoundError(f"There is no download {job_id!r}.", field="id")
        host.stash[WORK].shelf.discard(DownloadRequest.model_validate(job.request).url)
        return Response(status_code=204)
