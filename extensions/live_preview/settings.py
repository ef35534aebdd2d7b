"""The settings of live previews, under A1111's keys."""

from __future__ import annotations

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
    show_progress_grid: bool = Field(True, title="Show previews of all images generated in a batch as a grid")
