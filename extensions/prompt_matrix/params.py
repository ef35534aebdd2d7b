"""What a user can set of a prompt matrix, in the order of A1111's ``script_args``."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from app.api import Json, ScriptParams


def _label(infotext: str, **more: Json) -> dict[str, Json]:
    return {"infotext": infotext, "brief": True, **more}


class MatrixParams(ScriptParams):
    """The prompt's first part is the one before the first "|"."""

    feature: ClassVar[str] = "prompt_matrix"

    put_at_start: bool = Field(False, title="Put variable parts at start of prompt", json_schema_extra=_label("Matrix parts at start"))
    different_seeds: bool = Field(False, title="Use different seed for each picture", json_schema_extra=_label("Matrix seeds differ"))
    prompt_type: Literal["positive", "negative"] = Field(
        "positive", title="Select prompt", json_schema_extra=_label("Matrix prompt", control="radio")
    )
    variations_delimiter: Literal["comma", "space"] = Field(
        "comma", title="Select joining char", json_schema_extra=_label("Matrix joining char", control="radio")
    )
    margin_size: int = Field(0, ge=0, le=500, title="Grid margins (px)", json_schema_extra=_label("Matrix margins", step=2))
