"""FreeU: weighs backbone and skip features of the U-Net anew."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from app.api import GenerationPlan, ImagePlan, ModelPatch, Page, PageSlot, Panel, Params, PassContext, PlanInfo, Run, hookimpl

if TYPE_CHECKING:
    from app.api import Host

FACTORS = ("b1", "b2", "s1", "s2")


class FreeUParams(Params):
    """Off unless ticked; the defaults are the paper's for Stable Diffusion 1."""

    feature: ClassVar[str] = "freeu"
    switch: ClassVar[str] = "enabled"

    enabled: bool = Field(False, title="FreeU", json_schema_extra={"infotext": "FreeU", "elem_id": "freeu-checkbox"})
    b1: float = Field(1.5, ge=0, le=2, title="Backbone 1", json_schema_extra={"infotext": "FreeU b1", "elem_id": "freeu_b1"})
    b2: float = Field(1.6, ge=0, le=2, title="Backbone 2", json_schema_extra={"infotext": "FreeU b2", "elem_id": "freeu_b2"})
    s1: float = Field(0.9, ge=0, le=4, title="Skip 1", json_schema_extra={"infotext": "FreeU s1", "elem_id": "freeu_s1"})
    s2: float = Field(0.2, ge=0, le=4, title="Skip 2", json_schema_extra={"infotext": "FreeU s2", "elem_id": "freeu_s2"})


@hookimpl
def register_params(host: Host) -> Iterable[type[Params]]:
    """What rides in a request."""
    return [FreeUParams]


@hookimpl
def register_panels(host: Host) -> Iterable[Panel]:
    """The tick and its four factors."""

    def build(page: Page) -> None:
        with page.form.switched(FreeUParams, "enabled", "FreeU"):
            page.form.add_params(FreeUParams, names=FACTORS)

    return [Panel(id="freeu", slot=PageSlot.GENERATION, order=60, build=build)]


@hookimpl
def patch_model(context: PassContext, run: Run) -> Iterable[ModelPatch]:
    """The factors, for models that know them."""
    factors = _factors(context.plan)
    if not hasattr(context.model.modules().get("unet"), "enable_freeu"):
        if factors:
            run.comment("FreeU works on U-Nets, which this checkpoint has none of; it was left out.")
        return []
    from extensions.freeu.patch import FreeUPatch

    return [FreeUPatch(factors)] if factors else []


@hookimpl
def describe_image(image: ImagePlan, plan: GenerationPlan, run: Run) -> PlanInfo:
    """The tick and the four factors."""
    factors = _factors(plan)
    return {"FreeU": "True", **{f"FreeU {name}": value for name, value in factors.items()}} if factors else {}


def _factors(plan: GenerationPlan) -> dict[str, float]:
    """The factors by name; empty where it is off."""
    params = FreeUParams.of(plan.params)
    return {name: getattr(params, name) for name in FACTORS} if params.enabled else {}
