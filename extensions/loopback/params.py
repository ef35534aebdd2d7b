"""What a user can set of a loopback, in the order of A1111's ``script_args``."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from app.api import ScriptParams


class LoopbackParams(ScriptParams):
    """The strength of the first loop is that of the form."""

    feature: ClassVar[str] = "loopback"

    loops: int = Field(4, ge=1, le=32, title="Loops", json_schema_extra={"infotext": "Loops"})
    final_denoising_strength: float = Field(
        0.5, ge=0.0, le=1.0, title="Final denoising strength", json_schema_extra={"step": 0.01, "infotext": "Final denoising strength"}
    )
    denoising_curve: Literal["Aggressive", "Linear", "Lazy"] = Field(
        "Linear", title="Denoising strength curve", json_schema_extra={"infotext": "Denoising strength curve"}
    )
    append_interrogation: Literal["None", "CLIP", "DeepBooru"] = Field("None", title="Append interrogated prompt at each iteration")
