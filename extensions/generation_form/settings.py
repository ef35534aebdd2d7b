"""The settings of the shared form, under A1111's keys."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

_RELOAD: JsonDict = {"reload": True}
PROMPT = "prompt"
BLOCKS = (
    PROMPT, "image", "inpaint", "sampler", "accordions", "checkboxes", "dimensions", "cfg", "denoising", "seed", "batch",
    "override_settings", "scripts",
)  # fmt: skip
"""A1111's names of the blocks below the prompts, in their usual order; a tab draws those that it has."""


class PromptEditing(BaseModel):
    """What helps with typing prompts."""

    model_config = ConfigDict(frozen=True)

    disable_token_counters: bool = Field(False, title="Disable prompt token counters")


class Ordering(BaseModel):
    """Where the blocks of the form stand."""

    model_config = ConfigDict(frozen=True)

    ui_reorder_list: list[str] = Field(
        [],
        title="UI item order for txt2img/img2img tabs",
        description="The blocks named here come first, in this order; the prompts among them count in the compact layout.",
        json_schema_extra=_RELOAD,
    )


class Alternatives(BaseModel):
    """Other ways to draw the form."""

    model_config = ConfigDict(frozen=True)

    compact_prompt_box: bool = Field(
        False,
        title="Compact prompt layout",
        description="Prompts stand above the parameters, Generate above the pictures.",
        json_schema_extra=_RELOAD,
    )
    txt2img_settings_accordion: bool = Field(False, title="Settings in txt2img hidden under Accordion", json_schema_extra=_RELOAD)
    img2img_settings_accordion: bool = Field(False, title="Settings in img2img hidden under Accordion", json_schema_extra=_RELOAD)
    samplers_in_dropdown: bool = Field(True, title="Use dropdown for sampler selection instead of radio group", json_schema_extra=_RELOAD)
    dimensions_and_batch_together: bool = Field(True, title="Show Width/Height and Batch sliders in same row", json_schema_extra=_RELOAD)


def ordered_blocks(listed: list[str]) -> list[str]:
    """All blocks: the one at place ``i`` of those ``listed`` comes behind the block that usually stands at place ``i``."""
    places = {name.strip(): 2 * place + 1 for place, name in enumerate(listed)}
    usual = {name: 2 * place for place, name in enumerate(BLOCKS)}
    return sorted(BLOCKS, key=lambda name: places.get(name, usual[name]))
