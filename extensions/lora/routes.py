"""The list of LoRA files in A1111's API."""

from __future__ import annotations

from fastapi import APIRouter

from app.api import Host, Json
from extensions.lora.names import FOLDER, alias_of


def make_router(host: Host) -> APIRouter:
    """``GET /sdapi/v1/loras`` and ``POST /sdapi/v1/refresh-loras``."""
    router = APIRouter(prefix="/sdapi/v1", tags=["lora"])

    @router.get("/loras")
    def loras() -> list[dict[str, Json]]:
        """Name, alias, path and metadata of every file."""
        return [
            {
                "name": record.stem,
                "alias": next(iter(alias_of(record)), record.stem),
                "path": record.path,
                "metadata": dict(record.metadata),
            }
            for record in host.models.records(FOLDER)
        ]

    @router.post("/refresh-loras")
    def refresh() -> None:
        """Look at the folder again."""
        host.models.refresh(FOLDER)

    return router
