"""What a user can set of aesthetic gradients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import Field, field_validator

from app.api import Params

FOLDER = "aesthetic"
NONE = "None"


class AestheticParams(Params):
    """Off without an embedding; the fields are the arguments of A1111's script in their order."""

    feature: ClassVar[str] = "aesthetic_gradients"
    script: ClassVar[str] = "Aesthetic embeddings"

    weight: float = Field(
        0.9, ge=0.0, le=1.0, title="Aesthetic weight", json_schema_extra={"infotext": "Aesthetic weight", "elem_id": "aesthetic_weight"}
    )
    steps: int = Field(
        5,
        ge=0,
        le=500,
        title="Aesthetic steps",
        json_schema_extra={"infotext": "Aesthetic steps", "elem_id": "aesthetic_steps", "range": [0, 50]},
    )
    learning_rate: float = Field(
        0.0001,
        ge=0.0,
        lt=10.0,
        title="Aesthetic learning rate",
        json_schema_extra={"infotext": "Aesthetic LR", "elem_id": "aesthetic_learning_rate"},
    )
    slerp: bool = Field(
        False,
        title="Slerp interpolation",
        description="Mix along an arc instead of a line.",
        json_schema_extra={"infotext": "Aesthetic slerp", "elem_id": "aesthetic_slerp"},
    )
    embedding: str = Field(
        NONE, title="Aesthetic imgs embedding", json_schema_extra={"infotext": "Aesthetic embedding", "elem_id": "aesthetic_embedding"}
    )
    text: str = Field(
        "",
        title="Aesthetic text for imgs",
        description="Turns the embedding towards this text, or away from it.",
        json_schema_extra={"infotext": "Aesthetic text", "elem_id": "aesthetic_text"},
    )
    slerp_angle: float = Field(
        0.1,
        ge=0.0,
        le=1.0,
        title="Slerp angle",
        json_schema_extra={"infotext": "Aesthetic slerp angle", "elem_id": "aesthetic_slerp_angle"},
    )
    text_negative: bool = Field(
        False, title="Is negative text", json_schema_extra={"infotext": "Aesthetic text negative", "elem_id": "aesthetic_text_negative"}
    )

    @field_validator("embedding", mode="before")
    @classmethod
    def _empty_means_none(cls, value: object) -> object:
        return NONE if value in (None, "", "none") else value

    @classmethod
    def choices(cls, host: Any) -> Mapping[str, Sequence[str]]:
        """The embeddings that are there."""
        return {"embedding": [NONE, *(record.name.rpartition(".")[0] for record in host.models.records(FOLDER))]}

    @property
    def is_on(self) -> bool:
        """True when the prompt's encoding changes."""
        return self.embedding != NONE and bool(self.weight and self.steps and self.learning_rate)
