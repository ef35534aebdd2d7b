"""What a user can set of SD upscale, in the order of A1111's ``script_args``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import Field

from app.api import ScriptParams

NONE = "None"


class UpscaleParams(ScriptParams):
    """The size of the tiles is the form's width and height."""

    feature: ClassVar[str] = "sd_upscale"

    info: str | None = Field(None, title="Info", description="Does nothing.", json_schema_extra={"hidden": True})
    overlap: int = Field(
        64,
        ge=0,
        le=256,
        title="Tile overlap",
        description="In pixels. Width and height of the form are those of the tiles.",
        json_schema_extra={"step": 16, "infotext": "SD upscale overlap"},
    )
    upscaler_index: str = Field(
        NONE, title="Upscaler", json_schema_extra={"index": True, "control": "radio", "infotext": "SD upscale upscaler"}
    )
    scale_factor: float = Field(
        2.0, ge=1.0, le=4.0, title="Scale Factor", json_schema_extra={"step": 0.05, "infotext": "SD upscale factor"}
    )

    @classmethod
    def choices(cls, host: Any) -> Mapping[str, Sequence[str]]:
        """The upscalers that enlarge pictures."""
        return {"upscaler_index": [upscaler.name for upscaler in host.upscalers if upscaler.pixel is not None]}
