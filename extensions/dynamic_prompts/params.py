"""What a user can set of dynamic prompts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from app.api import Json, Params, UserError

ENABLED, SWITCH, TEMPLATE_SWITCH = "enabled", "dynamic_prompts_enabled", "dp_write_raw_template"
TEMPLATE, NEGATIVE_TEMPLATE = "Template", "Negative Template"
"""Infotext items of the templates."""
MOST_COMBINATIONS = 1000
ARGUMENTS: Mapping[int, str] = {
    0: ENABLED,
    1: "combinatorial",
    2: "combinatorial_batches",
    10: "fixed_seed",
    11: "unlink_seed",
    12: "ignore_negative",
    15: "max_generations",
}
"""Places of the known extension's arguments."""
UNKNOWN_ARGUMENTS: Mapping[int, str] = {
    3: "Magic prompt",
    4: "I'm feeling lucky",
    5: "Attention grabber",
    13: "Jinja2 templates",
    14: "Don't generate images",
}
"""What else it can be asked for."""
FIRST_UNKNOWN = min(UNKNOWN_ARGUMENTS)


class DynamicPromptsParams(Params):
    """Off by itself; the setting ``dynamic_prompts_enabled`` switches it on for requests that do not say."""

    feature: ClassVar[str] = "dynamic_prompts"
    script: ClassVar[str] = "Dynamic Prompts v2.17.1"

    enabled: bool = Field(
        False,
        title="Dynamic prompts enabled",
        description="Every picture gets its own choice of {a|b} and of wildcards, decided by its seed.",
        json_schema_extra={"elem_id": "dynamic_prompts_enabled"},
    )
    combinatorial: bool = Field(
        False,
        title="Combinatorial generation",
        description="Draws every combination, one picture each; the batch count does not matter then.",
        json_schema_extra={"elem_id": "dynamic_prompts_combinatorial"},
    )
    combinatorial_batches: int = Field(
        1,
        ge=1,
        le=10,
        title="Combinatorial batches",
        description="How many times all combinations are drawn.",
        json_schema_extra={"elem_id": "dynamic_prompts_combinatorial_batches"},
    )
    max_generations: int = Field(
        0,
        ge=0,
        le=MOST_COMBINATIONS,
        title="Max generations",
        description=f"Of combinatorial generation; 0: all combinations, up to {MOST_COMBINATIONS}.",
        json_schema_extra={"elem_id": "dynamic_prompts_max_generations"},
    )
    fixed_seed: bool = Field(
        False,
        title="Fixed seed",
        description="All pictures are drawn with the first one's seed; the choices differ still.",
        json_schema_extra={"elem_id": "dynamic_prompts_fixed_seed"},
    )
    unlink_seed: bool = Field(
        False,
        title="Unlink seed from prompt",
        description="The choices are other ones each time, also for the same seed.",
        json_schema_extra={"elem_id": "dynamic_prompts_unlink_seed"},
    )
    ignore_negative: bool = Field(
        False,
        title="Don't apply to negative prompts",
        json_schema_extra={"elem_id": "dynamic_prompts_ignore_negative"},
    )

    @classmethod
    def labels(cls, fields: Mapping[str, str]) -> frozenset[str]:
        """The templates: the prompts of an infotext are what came of them, so nothing has to be restored from them."""
        return frozenset({TEMPLATE, NEGATIVE_TEMPLATE})

    @classmethod
    def from_script(cls, arguments: Sequence[Json]) -> dict[str, Json]:
        """The fields in order, or the arguments of the known extension by their places, whose fourth is a tick.

        Raises UserError for what there is not here.
        """
        if len(arguments) <= FIRST_UNKNOWN or not isinstance(arguments[FIRST_UNKNOWN], bool):
            return super().from_script(arguments)
        for place, name in UNKNOWN_ARGUMENTS.items():
            if place < len(arguments) and arguments[place] is True:
                raise UserError(f"Dynamic prompts: {name!r} is not known here.", hint="Send false.", field="alwayson_scripts")
        return {name: arguments[place] for place, name in ARGUMENTS.items() if place < len(arguments)}


class DynamicPromptsSettings(BaseModel):
    """The default of requests that do not say, and what is written of the templates."""

    model_config = ConfigDict(frozen=True)

    dynamic_prompts_enabled: bool = Field(
        True,
        title="Dynamic prompts, unless a request says otherwise",
        description="Choose among {a|b} and __wildcards__ in prompts; off: they are ordinary text.",
        json_schema_extra={"reload": True},
    )
    dp_write_raw_template: bool = Field(
        False, title="Save template to metadata", description="The infotext has the prompt as it was typed beside the one that came of it."
    )


def with_default(params: dict[str, dict[str, Json]], settings: Mapping[str, Any]) -> dict[str, dict[str, Json]]:
    """The features' parameters with this one switched on by the setting, where they do not say."""
    own = params.get(DynamicPromptsParams.feature, {})
    if ENABLED in own or not settings.get(SWITCH):
        return params
    return {**params, DynamicPromptsParams.feature: {**own, ENABLED: True}}
