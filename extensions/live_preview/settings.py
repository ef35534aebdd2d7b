"""The settings of live previews, under A1111's keys."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

FULL, CHEAP = "Full", "Approx cheap"


class LivePreviews(BaseModel):
    """When and how previews are made."""

    model_config = ConfigDict(frozen=True)

    live_previews_enable: bool = Field(True, title="Show live previews of the created image")
    show_progress_type: str = Field(
        CHEAP,
        title="Live preview method",
        description="Full: with the VAE, slower. Approx cheap: rough colours, nearly free. Others need files of their own.",
    )
    show_progress_every_n_steps: int = Field(
        1, ge=-1, le=32, title="Live preview display period", description="In steps; -1: only after each batch. Previews never take long."
    )
    show_progressbar: bool = Field(True, title="Show progressbar", json_schema_extra={"page": True})
    live_previews_image_format: Literal["jpeg", "png", "webp"] = Field(
        "jpeg", title="Live preview file format", description="jpeg and webp are quick to send, png loses nothing."
    )
    live_preview_refresh_period: float = Field(
        150, ge=0, title="Progressbar and preview update period", description="In milliseconds: the least time between two previews."
    )
    show_progress_grid: bool = Field(True, title="Show previews of all images generated in a batch as a grid")
