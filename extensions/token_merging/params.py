"""What a user can set of token merging, and which ratio holds in a pass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from app.api import GenerationPlan, GenerationRequest, Json, Params, pick

HIGHEST = 0.9
LABEL, LABEL_HR = "Token merging ratio", "Token merging ratio hr"
GENERAL_SETTING = "token_merging_ratio"


class TokenMergingParams(Params):
    """0 leaves it to the settings."""

    feature: ClassVar[str] = "token_merging"

    ratio: float = Field(0.0, ge=0, le=HIGHEST, title=LABEL, json_schema_extra={"infotext": LABEL, "elem_id": "token_merging", "step": 0.1})


class TokenMergingSettings(BaseModel):
    """Settings by A1111's keys: shares of the picture's tokens that are merged before self-attention; 0: as the first of them."""

    model_config = ConfigDict(frozen=True)

    token_merging_ratio: float = Field(0.0, ge=0, le=HIGHEST, title=LABEL, json_schema_extra={"infotext": LABEL, "step": 0.1})
    token_merging_ratio_img2img: float = Field(0.0, ge=0, le=HIGHEST, title=f"{LABEL} for img2img", json_schema_extra={"step": 0.1})
    token_merging_ratio_hr: float = Field(
        0.0,
        ge=0,
        le=HIGHEST,
        title=f"{LABEL} for the second pass",
        json_schema_extra={"infotext": LABEL_HR, "step": 0.1, "first_pass": "no part"},
    )


def with_override(request: GenerationRequest) -> GenerationRequest:
    """The request with the general setting that it carries as its own ratio, unless it has one: so it comes before other settings."""
    carried = request.settings.get(GENERAL_SETTING)
    if not carried or TokenMergingParams.of(request.params).ratio:
        return request
    own = TokenMergingParams.model_validate({"ratio": carried}).model_dump()
    return request.model_copy(update={"params": {**request.params, TokenMergingParams.feature: own}})


def ratios(plan: GenerationPlan, settings: Mapping[str, Json]) -> tuple[float, float]:
    """Ratio of the first pass, and the own one of those after it (0: none)."""
    asked = TokenMergingParams.of(plan.params).ratio
    known = pick(TokenMergingSettings, settings)
    from_picture = known.token_merging_ratio_img2img if plan.first.denoising_strength is not None else 0.0
    return asked or from_picture or known.token_merging_ratio, known.token_merging_ratio_hr if plan.later else 0.0
