"""Tiling: pictures whose edges fit together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, Field

from app.api import PageSlot, Panel, Params, SettingsSection, hookimpl

if TYPE_CHECKING:
    from app.api import GenerationPlan, GenerationRequest, Host, ImagePlan, ModelPatch, PassContext, PlanInfo, Run

TILING = "tiling"
ABOUT = "Produce images that can be tiled, unless a request says otherwise."


class TilingParams(Params):
    """Off unless ticked."""

    feature: ClassVar[str] = "tiling"

    tiling: bool = Field(False, title="Tiling", json_schema_extra={"infotext": "Tiling", "elem_id": "tiling", "api": "tiling"})


class TilingSettings(BaseModel, frozen=True):
    """The default of requests that do not say."""

    tiling: bool = Field(False, title="Tiling", description=ABOUT, json_schema_extra={"infotext": "Tiling", "reload": True})


@hookimpl
def register_params(host: Host) -> Iterable[type[Params]]:
    """What rides in a request."""
    return [TilingParams]


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """The default."""
    return [SettingsSection("sd", "Stable Diffusion", TilingSettings)]


@hookimpl
def register_panels(host: Host) -> Iterable[Panel]:
    """The tick in the form; it starts as the setting says."""
    return [Panel("tiling", PageSlot.GENERATION, 40, lambda page: page.form.add_params(TilingParams, {TILING: host.settings.get(TILING)}))]


@hookimpl
def edit_request(request: GenerationRequest, run: Run) -> GenerationRequest:
    """Requests that do not say take the setting."""
    is_said = TilingParams.feature in request.params or not run.settings.get(TILING)
    return request if is_said else request.model_copy(update={"params": {**request.params, TilingParams.feature: {TILING: True}}})


@hookimpl
def patch_model(context: PassContext, run: Run) -> Iterable[ModelPatch]:
    """Circular padding where it is asked for."""
    from extensions.tiling.circular import CircularPadding

    return [CircularPadding()] if TilingParams.of(context.plan.params).tiling else []


@hookimpl
def describe_image(image: ImagePlan, plan: GenerationPlan, run: Run) -> PlanInfo:
    """``Tiling: True``."""
    return {"Tiling": "True" if TilingParams.of(plan.params).tiling else None}
