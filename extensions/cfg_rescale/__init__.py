"""CFG rescale: keeps the contrast of strongly guided pictures in bounds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from app.api import GenerationPlan, GuidanceEditor, ImagePlan, Page, PageSlot, Panel, Params, PassContext, PlanInfo, Run, hookimpl

if TYPE_CHECKING:
    from app.api import Host


class CfgRescaleParams(Params):
    """Off at 0."""

    feature: ClassVar[str] = "cfg_rescale"

    share: float = Field(
        0.0,
        ge=0.0,
        le=1.0,
        title="CFG rescale",
        json_schema_extra={"infotext": "CFG Rescale", "elem_id": "cfg_rescale", "step": 0.05},
    )


@hookimpl
def register_params(host: Host) -> Iterable[type[Params]]:
    """What rides in a request."""
    return [CfgRescaleParams]


@hookimpl
def register_panels(host: Host) -> Iterable[Panel]:
    """A slider in the form."""

    def build(page: Page) -> None:
        page.form.add_params(CfgRescaleParams)

    return [Panel(id="cfg_rescale", slot=PageSlot.GENERATION, order=80, build=build)]


@hookimpl
def edit_guidance(context: PassContext, run: Run) -> Iterable[GuidanceEditor]:
    """Rescale where it is asked for."""
    share = _share(context.plan)
    if not share:
        return []
    from extensions.cfg_rescale.rescale import Rescaling

    return [Rescaling(share)]


@hookimpl
def describe_image(image: ImagePlan, plan: GenerationPlan, run: Run) -> PlanInfo:
    """``CFG Rescale``."""
    return {"CFG Rescale": _share(plan) or None}


def _share(plan: GenerationPlan) -> float:
    return CfgRescaleParams.of(plan.params).share
