"""The setting that names the language, under A1111's key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from app.api import Choices
from extensions.localization.chosen import NONE, languages

if TYPE_CHECKING:
    from app.api import Host

TITLES = {"zh_CN": "简体中文 (zh_CN)"}


class Language(BaseModel):
    """What the page is written in."""

    model_config = ConfigDict(frozen=True)

    localization: str = Field(
        NONE,
        title="Localization",
        description="Language of the page; tables of others go into the folder localizations.",
        json_schema_extra={"reload": True},
    )


def language_choices(host: Host) -> Choices:
    """None, and every table that there is now."""

    def listed() -> list[tuple[str, str]]:
        return [(NONE, NONE), *((TITLES.get(name, name), name) for name in languages(host))]

    return Choices(listed, lambda: None)
