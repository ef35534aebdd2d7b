"""What a user can set of tiling."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from app.api import Params


class TilingParams(Params):
    """Off unless ticked."""

    feature: ClassVar[str] = "tiling"

    tiling: bool = Field(
        False,
        title="Tiling",
        description="Produce an image that can be tiled.",
        json_schema_extra={"infotext": "Tiling", "elem_id": "tiling", "api": "tiling"},
    )


class TilingSettings(BaseModel):
    """The default of requests that do not say."""

    model_config = ConfigDict(frozen=True)

    tiling: bool = Field(
        False,
        title="Tiling",
        description="Produce images that can be tiled, unless a request says otherwise.",
        json_schema_extra={"infotext": "Tiling", "reload": True},
    )
