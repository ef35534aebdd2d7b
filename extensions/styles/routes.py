"""The list of styles in A1111's API."""

from __future__ import annotations

from fastapi import APIRouter

from app.api import Host
from extensions.styles.api import listed_styles


def make_router(host: Host) -> APIRouter:
    """``GET /sdapi/v1/prompt-styles``."""
    router = APIRouter(prefix="/sdapi/v1", tags=["styles"])

    @router.get("/prompt-styles")
    def prompt_styles() -> list[dict[str, str | None]]:
        """Name, prompt and negative prompt of every style; dividers between files have null texts."""
        return [
            {
                "name": style.name,
                "prompt": style.prompt if style.is_usable else None,
                "negative_prompt": style.negative_prompt if style.is_usable else None,
            }
            for style in listed_styles(host)
        ]

    return router
