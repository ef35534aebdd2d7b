"""Hires fix: a second pass over the picture at a larger size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from app.api import (
    GenerationPlan,
    GenerationRequest,
    ImagePlan,
    Page,
    PageSlot,
    Panel,
    Params,
    PassStarter,
    PlanInfo,
    Run,
    SettingsSection,
    hookimpl,
)
from extensions.hires_fix.describe import second_pass_items
from extensions.hires_fix.params import HiresParams, HiresSettings
from extensions.hires_fix.plan import SECOND, params_of, with_second_pass
from extensions.hires_fix.start import Enlarged

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_params(host: Host) -> Iterable[type[Params]]:
    """What rides in a request."""
    return [HiresParams]


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """How sizes are understood, and how much of it the form shows."""
    return [SettingsSection("hires_fix", "Hires. fix", HiresSettings, category="Stable Diffusion")]


@hookimpl
def register_panels(host: Host) -> Iterable[Panel]:
    """The block in the form of txt2img, and the button below its pictures."""

    def build(page: Page) -> None:
        from extensions.hires_fix.panel import draw_block

        draw_block(page)

    def build_button(page: Page) -> None:
        from extensions.hires_fix.panel import draw_button

        draw_button(page)

    return [
        Panel(id="hires_fix", slot=PageSlot.GENERATION, order=10, build=build),
        Panel(id="hires_fix_button", slot=PageSlot.RESULT, order=90, build=build_button),
    ]


@hookimpl
def edit_plan(plan: GenerationPlan, request: GenerationRequest, run: Run) -> GenerationPlan:
    """Add the second pass."""
    return with_second_pass(plan, request, run)


@hookimpl
def start_pass(plan: GenerationPlan, index: int, images: Sequence[ImagePlan], run: Run) -> PassStarter | None:
    """The second pass starts from the enlarged result of the first."""
    params = params_of(plan)
    return Enlarged(params, run) if index == SECOND and params.enabled else None


@hookimpl
def describe_image(image: ImagePlan, plan: GenerationPlan, run: Run) -> PlanInfo:
    """What of the second pass differs from the first."""
    return second_pass_items(image, plan, run)
