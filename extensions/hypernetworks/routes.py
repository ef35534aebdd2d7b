"""The list of hypernetworks in A1111's API."""

from __future__ import annotations

from fastapi import APIRouter

from app.api import Host
from extensions.hypernetworks.names import FOLDER, known_files


def make_router(host: Host) -> APIRouter:
    """``GET /sdapi/v1/hypernetworks`` and ``POST /sdapi/v1/refresh-hypernetworks``."""
    router = APIRouter(prefix="/sdapi/v1", tags=["hypernetworks"])

    @router.get("/hypernetworks")
    def hypernetworks() -> list[dict[str, str]]:
        """Name and path of every file."""
        return [{"name": name, "path": record.path} for name, record in known_files(host).items()]

    @router.post("/refresh-hypernetworks")
    def refresh() -> None:
        """Look at the folder again."""
        host.models.refresh(FOLDER)

    return router
