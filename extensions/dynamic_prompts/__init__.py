"""Dynamic prompts: ``{a|b}``, ``{2$$a|b|c}``, ``__wildcards__`` and variables, chosen for every picture by its seed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.api import (
    GenerationPlan,
    GenerationRequest,
    ImagePlan,
    Page,
    PageSlot,
    Panel,
    Params,
    PlanInfo,
    Run,
    SettingsSection,
    hookimpl,
)
from extensions.dynamic_prompts.params import (
    NEGATIVE_TEMPLATE,
    TEMPLATE,
    TEMPLATE_SWITCH,
    DynamicPromptsParams,
    DynamicPromptsSettings,
    with_default,
)
from extensions.dynamic_prompts.planning import TEMPLATES, with_choices

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_params(host: Host) -> Iterable[type[Params]]:
    """What rides in a request."""
    return [DynamicPromptsParams]


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """The default, and whether templates are written."""
    return [SettingsSection("dynamicprompts", "Dynamic Prompts", DynamicPromptsSettings)]


@hookimpl
def register_panels(host: Host) -> Iterable[Panel]:
    """The accordion in the forms."""

    def build(page: Page) -> None:
        from extensions.dynamic_prompts.panel import draw_block

        draw_block(page)

    return [Panel(id="dynamic_prompts", slot=PageSlot.GENERATION, order=70, build=build)]


@hookimpl
def edit_request(request: GenerationRequest, run: Run) -> GenerationRequest:
    """Requests that do not say take the setting."""
    return request.model_copy(update={"params": with_default(request.params, run.settings)})


@hookimpl(trylast=True)
def edit_plan(plan: GenerationPlan, request: GenerationRequest, run: Run) -> GenerationPlan:
    """The choices, when styles are in the prompts and all passes are there."""
    return with_choices(plan, run)


@hookimpl
def describe_image(image: ImagePlan, plan: GenerationPlan, run: Run) -> PlanInfo:
    """What was typed, where it is not what was drawn."""
    if not run.settings.get(TEMPLATE_SWITCH) or not DynamicPromptsParams.of(plan.params).enabled or TEMPLATES not in run.stash:
        return {}
    prompt, negative = run.stash[TEMPLATES].get(image.index, (image.prompt, image.negative_prompt))
    return {
        TEMPLATE: prompt if prompt != image.prompt else None,
        NEGATIVE_TEMPLATE: negative if negative != image.negative_prompt else None,
    }
