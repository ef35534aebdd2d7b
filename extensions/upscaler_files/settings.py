"""The settings of upscaler files, under A1111's keys."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class TileSettings(BaseModel):
    """How large the parts are that a picture is enlarged in."""

    model_config = ConfigDict(frozen=True)

    ESRGAN_tile: int = Field(
        192,
        ge=0,
        le=512,
        title="Tile size for ESRGAN upscalers",
        description="0 = no tiling: faster for small pictures, and much more memory for large ones.",
        json_schema_extra={"step": 16},
    )
    ESRGAN_tile_overlap: int = Field(
        8,
        ge=0,
        le=48,
        title="Tile overlap for ESRGAN upscalers",
        description="Low values = visible seam.",
        json_schema_extra={"step": 1},
    )
