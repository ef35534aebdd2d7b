"""The list of VAE files in A1111's API."""

from __future__ import annotations

from fastapi import APIRouter

from app.api import Host
from extensions.vae import files


def make_router(host: Host) -> APIRouter:
    """``GET /sdapi/v1/sd-vae`` and ``POST /sdapi/v1/refresh-vae``."""
    router = APIRouter(prefix="/sdapi/v1", tags=["vae"])

    @router.get("/sd-vae")
    def listed() -> list[dict[str, str]]:
        """Name and path of every file."""
        return [{"model_name": name, "filename": record.path} for name, record in files.vae_files(host).items()]

    @router.post("/refresh-vae")
    def refresh() -> None:
        """Look at the folders again."""
        files.refresh(host)

    return router
