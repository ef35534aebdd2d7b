"""Token merging: faster drawing by merging similar tokens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.api import (
    GenerationPlan,
    GenerationRequest,
    ImagePlan,
    ModelPatch,
    Page,
    PageSlot,
    Panel,
    Params,
    PassContext,
    PlanInfo,
    Run,
    SettingsSection,
    hookimpl,
)
from extensions.token_merging.params import LABEL, LABEL_HR, TokenMergingParams, TokenMergingSettings, ratios, with_override

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_params(host: Host) -> Iterable[type[Params]]:
    """What rides in a request."""
    return [TokenMergingParams]


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """What holds for requests that do not say."""
    return [SettingsSection("optimizations", "Optimizations", TokenMergingSettings)]


@hookimpl
def register_panels(host: Host) -> Iterable[Panel]:
    """A slider in the form."""

    def build(page: Page) -> None:
        page.form.add_params(TokenMergingParams)

    return [Panel(id="token_merging", slot=PageSlot.GENERATION, order=70, build=build)]


@hookimpl
def edit_request(request: GenerationRequest, run: Run) -> GenerationRequest:
    """A request that carries the general setting means it for itself, whatever the settings for img2img say."""
    return with_override(request)


@hookimpl
def patch_model(context: PassContext, run: Run) -> Iterable[ModelPatch]:
    """Merging in the passes whose ratio is not 0."""
    first, second = ratios(context.plan, run.settings)
    ratio = (second or first) if context.index else first
    if not ratio:
        return []
    from extensions.token_merging.patch import TokenMerging

    return [TokenMerging(ratio)]


@hookimpl
def describe_image(image: ImagePlan, plan: GenerationPlan, run: Run) -> PlanInfo:
    """The ratio of the first pass, and that of the second where it has one of its own."""
    first, second = ratios(plan, run.settings)
    return {LABEL: first or None, LABEL_HR: second or None}
