"""The settings of writing and reading infotexts, under A1111's keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from app.api import Json, pick


class InfotextSettings(BaseModel):
    """What goes into an infotext, and what is taken from one."""

    model_config = ConfigDict(frozen=True)

    infotext_skip_pasting: list[str] = Field([], title="Disregard fields from pasted infotext")
    add_model_hash_to_info: bool = Field(True, title="Add model hash to infotext")
    add_model_name_to_info: bool = Field(True, title="Add model name to infotext")
    add_user_name_to_info: bool = Field(False, title="Add user name to infotext when authenticated")
    add_version_to_infotext: bool = Field(True, title="Add program version to infotext")
    disable_weights_auto_swap: bool = Field(
        True,
        title="Disregard checkpoint information from pasted infotext",
        description="Off: a paste that names another checkpoint draws with that one, as a removable override setting.",
    )
    infotext_styles: Literal["Ignore", "Apply", "Discard", "Apply if any"] = Field(
        "Apply if any",
        title="Infer styles from prompts of pasted infotext",
        description="Ignore: leave the prompts alone. Apply: cut style texts out of the prompts and select the styles, none if there are "
        "none. Discard: cut them out only. Apply if any: as Apply, but keep the selection when there are none.",
    )
    auto_backcompat: bool = Field(
        True, title="Automatic backward compatibility", description="Imitate older versions of A1111 when their infotext is pasted."
    )

    @classmethod
    def of(cls, values: Mapping[str, Json]) -> Self:
        """Those among the values of all settings."""
        return pick(cls, values)


class ReadingSettings(InfotextSettings):
    """What decides how an infotext is understood; not all of it is a setting of this extension."""

    use_old_hires_fix_width_height: bool = False
    """The size in the form is that of the second pass."""
