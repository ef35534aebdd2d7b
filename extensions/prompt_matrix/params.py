"""What a user can set of a prompt matrix, in the order of A1111's ``script_args``."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from app.api import ScriptParams


class MatrixParams(ScriptParams):
    """The prompt's first part is the one before the first "|"."""

    feature: ClassVar[str] = "prompt_matrix"

    put_at_start: bool = Field(False, title="Put variable parts at start of prompt")
    different_seeds: bool = Field(False, title="Use different seed for each picture")
    prompt_type: Literal["positive", "negative"] = Field("positive", title="Select prompt", json_schema_extra={"control": "radio"})
    variations_delimiter: Literal["comma", "space"] = Field("comma", title="Select joining char", json_schema_extra={"control": "radio"})
    margin_size: int = Field(0, ge=0, le=500, title="Grid margins (px)", json_schema_extra={"step": 2})
