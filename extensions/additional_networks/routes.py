"""What the panel of Additional Networks can be filled with."""

from __future__ import annotations

from fastapi import APIRouter

from app.api import Host
from extensions.lora.api import FOLDER, preset_names


def make_router(host: Host) -> APIRouter:
    """``GET /paintbox/v1/additional-networks`` and ``POST .../refresh``."""
    router = APIRouter(prefix="/paintbox/v1/additional-networks", tags=["additional_networks"])

    def listed() -> dict[str, list[str]]:
        names = [record.name.rpartition(".")[0] for record in host.models.records(FOLDER)]
        return {"models": names, "presets": preset_names(host.settings.snapshot())}

    @router.get("", summary="Names of the LoRA files, and of the presets of block weights")
    def choices() -> dict[str, list[str]]:
        """Paths below the folder, without suffixes."""
        return listed()

    @router.post("/refresh", summary="The same after another look at the folder")
    def refresh() -> dict[str, list[str]]:
        """Look for new and removed files."""
        host.models.refresh(FOLDER)
        return listed()

    return router
