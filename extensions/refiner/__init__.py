"""Refiner: another checkpoint takes over for the last steps."""

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
from extensions.refiner.params import RefinerParams, RefinerSettings
from extensions.refiner.plan import refiner_items, with_refiner

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_params(host: Host) -> Iterable[type[Params]]:
    """What rides in a request."""
    return [RefinerParams]


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """Which pass it is used in, and how the moment is counted."""
    return [SettingsSection("refiner", "Refiner", RefinerSettings, category="Stable Diffusion")]


@hookimpl
def register_panels(host: Host) -> Iterable[Panel]:
    """The block in the form."""

    def build(page: Page) -> None:
        from extensions.refiner.panel import draw_block

        draw_block(page)

    return [Panel(id="refiner", slot=PageSlot.ACCORDIONS, order=20, build=build)]


@hookimpl(trylast=True)
def edit_plan(plan: GenerationPlan, request: GenerationRequest, run: Run) -> GenerationPlan:
    """Let it take over in the passes that others have planned."""
    return with_refiner(plan, run)


@hookimpl
def describe_image(image: ImagePlan, plan: GenerationPlan, run: Run) -> PlanInfo:
    """``Refiner``, ``Refiner switch at`` and how they were meant."""
    return refiner_items(plan, run)
