"""What a user can set of wildcards."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

FOLDER = "wildcard_dir"


class WildcardSettings(BaseModel):
    """By the key of A1111's Dynamic Prompts extension."""

    model_config = ConfigDict(frozen=True)

    wildcard_dir: str = Field(
        "",
        title="Wildcards directory",
        description='Where the text, YAML and JSON files lie; empty: "wildcards" in the data folder. Those of extensions are read as well.',
        json_schema_extra={"is_path": True, "is_source": True, "restrict_api": True},
    )
