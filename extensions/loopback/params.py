"""What a user can set of a loopback, in the order of A1111's ``script_args``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from app.api import Json, ScriptParams

CURVE, OLDER_CURVE = "Denoising curve", "Denoising strength curve"
"""Infotext keys: A1111's, and another one."""


class LoopbackParams(ScriptParams):
    """The strength of the first loop is that of the form."""

    feature: ClassVar[str] = "loopback"

    loops: int = Field(4, ge=1, le=32, title="Loops", json_schema_extra={"infotext": "Loops"})
    final_denoising_strength: float = Field(
        0.5, ge=0.0, le=1.0, title="Final denoising strength", json_schema_extra={"step": 0.01, "infotext": "Final denoising strength"}
    )
    denoising_curve: Literal["Aggressive", "Linear", "Lazy"] = Field(
        "Linear", title="Denoising strength curve", json_schema_extra={"infotext": CURVE}
    )
    append_interrogation: Literal["None", "CLIP", "DeepBooru"] = Field(
        "None",
        title="Append interrogated prompt at each iteration",
        json_schema_extra={"infotext": "Append interrogated prompt", "brief": True},
    )

    @classmethod
    def read_infotext(cls, fields: Mapping[str, str], host: Any) -> dict[str, Json]:
        """The curve under the name that Paintbox once gave it, too."""
        return super().read_infotext({CURVE: fields[OLDER_CURVE], **fields} if OLDER_CURVE in fields else fields, host)

    @classmethod
    def labels(cls, fields: Mapping[str, str]) -> frozenset[str]:
        """That name is understood."""
        return super().labels(fields) | {OLDER_CURVE}
