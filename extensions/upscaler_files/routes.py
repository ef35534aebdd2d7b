"""The list of Real-ESRGAN models in A1111's API."""

from __future__ import annotations

from fastapi import APIRouter

from app.api import Host, Json
from extensions.upscaler_files.files import REAL_ESRGAN, usable_files


def make_router(host: Host) -> APIRouter:
    """``GET /sdapi/v1/realesrgan-models``."""
    router = APIRouter(prefix="/sdapi/v1", tags=["A1111"])

    @router.get("/realesrgan-models", summary="Files in the folder of Real-ESRGAN upscalers")
    def models() -> list[dict[str, Json]]:
        files = [file for file in usable_files(host) if file.record.folder_kind == REAL_ESRGAN]
        return [{"name": file.name, "path": file.record.path, "scale": file.scale} for file in files]

    return router
