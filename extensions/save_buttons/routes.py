"""Where files that were saved by a click are fetched, and folders opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response

from app.api import Value
from app.api.routes import Owner, sits_here
from extensions.save_buttons.folder import can_open, check_opener, folder_of, open_folder
from extensions.save_buttons.offered import OFFERED

if TYPE_CHECKING:
    from app.api import Host

HEADERS = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
PREFIX = "paintbox/v1/saved-files"


class FolderOf(Value):
    """Picture ``number`` of a job; for ``job`` "" the folder of all pictures of a form."""

    job: str = ""
    number: int = 0
    form: str = "txt2img"


def make_router(host: Host) -> APIRouter:
    """One route for all files, where ``file_name`` is what the browser calls the download; and opening folders."""
    router = APIRouter(tags=["save buttons"])

    @router.get(f"/{PREFIX}/{{name}}/{{file_name}}", summary="A file that was saved by a click")
    def saved_file(name: str, file_name: str, request: Request) -> FileResponse:
        path = host.stash[OFFERED].find(name, str(request.state.user.name))
        return FileResponse(path, headers=HEADERS, filename=path.name)

    @router.get("/paintbox/v1/open-folder", summary="Whether folders can be opened on the machine that Paintbox runs on")
    def may_open(request: Request) -> dict[str, bool]:
        return {"allowed": can_open(host) and sits_here(request)}

    @router.post("/paintbox/v1/open-folder", status_code=204, summary="Open the folder of a picture in this machine's file manager")
    def show_folder(body: FolderOf, owner: Owner, request: Request) -> Response:
        check_opener(host, sits_here(request))
        job = host.jobs.get(body.job) if body.job else None
        if job is not None and job.owner != owner:
            raise host.jobs.missing(body.job)
        open_folder(folder_of(host, job, str(body.number), body.form))
        return Response(status_code=204)

    return router
