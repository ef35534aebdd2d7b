"""The sound that users have put into the data folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response

if TYPE_CHECKING:
    from app.api import Host

SOUND = "notification.mp3"
HEADERS = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}


def make_router(host: Host) -> APIRouter:
    """One route below /paintbox/v1."""
    router = APIRouter(prefix="/paintbox/v1", tags=["notifications"])

    @router.get("/notification-sound", summary="notification.mp3 of the data folder; no content where there is none")
    def sound() -> Response:
        path = host.paths.data / SOUND
        return FileResponse(path, media_type="audio/mpeg", headers=HEADERS) if path.is_file() else Response(status_code=204)

    return router
