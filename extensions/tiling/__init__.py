"""Tiling: pictures whose edges fit together."""

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
from extensions.tiling.params import TilingParams, TilingSettings

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_params(host: Host) -> Iterable[type[Params]]:
    """What rides in a request."""
    return [TilingParams]


@hookimpl
def register_panels(host: Host) -> Iterable[Panel]:
    """The tick in the form; it starts as the setting says."""

    def build(page: Page) -> None:
        page.form.add_params(TilingParams, {"tiling": host.settings.get("tiling")})

    return [Panel(id="tiling", slot=PageSlot.GENERATION, order=40, build=build)]


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """The default."""
    return [SettingsSection("sd", "Stable Diffusion", TilingSettings)]


@hookimpl
def edit_request(request: GenerationRequest, run: Run) -> GenerationRequest:
    """Requests that do not say take the setting."""
    if TilingParams.feature in request.params or not run.settings.get("tiling"):
        return request
    return request.model_copy(update={"params": {**request.params, TilingParams.feature: {"tiling": True}}})


@hookimpl
def patch_model(context: PassContext, run: Run) -> Iterable[ModelPatch]:
    """Circular padding where it is asked for."""
    if not _params(context.plan).tiling:
        return []
    from extensions.tiling.circular import CircularPadding

    return [CircularPadding()]


@hookimpl
def describe_image(image: ImagePlan, plan: GenerationPlan, run: Run) -> PlanInfo:
    """``Tiling: True``."""
    return {"Tiling": "True" if _params(plan).tiling else None}


def _params(plan: GenerationPlan) -> TilingParams:
    return TilingParams.of(plan.params)
