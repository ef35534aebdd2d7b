"""The list of face restorers in A1111's API."""

from __future__ import annotations

from fastapi import APIRouter

from app.api import Host, Json
from extensions.face_restoration.restorers import registered


def make_router(host: Host) -> APIRouter:
    """``GET /sdapi/v1/face-restorers``."""
    router = APIRouter(prefix="/sdapi/v1", tags=["A1111"])

    @router.get("/face-restorers", summary="Face restorers")
    def restorers() -> list[dict[str, Json]]:
        return [{"name": restorer.name, "cmd_dir": restorer.folder} for restorer in registered(host)]

    return router
