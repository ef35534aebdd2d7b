"""Where files that were saved by a click are fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse

from extensions.save_buttons.offered import OFFERED

if TYPE_CHECKING:
    from app.api import Host

HEADERS = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
PREFIX = "paintbox/v1/saved-files"


def make_router(host: Host) -> APIRouter:
    """One route for all files; ``file_name`` is what the browser calls the download."""
    router = APIRouter(tags=["save buttons"])

    @router.get(f"/{PREFIX}/{{name}}/{{file_name}}", summary="A file that was saved by a click")
    def saved_file(name: str, file_name: str, request: Request) -> FileResponse:
        path = host.stash[OFFERED].find(name, str(request.state.user.name))
        return FileResponse(path, headers=HEADERS, filename=path.name)

    return router
