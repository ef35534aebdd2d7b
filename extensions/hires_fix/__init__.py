"""Hires fix: a second pass over the picture at a larger size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from app.api import (
    GenerationPlan,
    GenerationRequest,
    ImageConditioning,
    ImagePlan,
    Page,
    PageSlot,
    Panel,
    Params,
    PassContext,
    PassStarter,
    PlanInfo,
    Run,
    SettingsSection,
    hookimpl,
)
from extensions.hires_fix.again import first_picture
from extensions.hires_fix.describe import second_pass_items
from extensions.hires_fix.params import CompatibilitySettings, FormSettings, HiresParams, SavingSettings
from extensions.hires_fix.plan import SECOND, decided_size, params_of, with_second_pass

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_params(host: Host) -> Iterable[type[Params]]:
    """What rides in a request."""
    return [HiresParams]


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """How older versions did it, what is saved beside the picture, and how much of it the form shows."""
    return [
        SettingsSection("saving-images", "Saving images/grids", SavingSettings),
        SettingsSection("compatibility", "Compatibility", CompatibilitySettings),
        SettingsSection("hires_fix", "Hires. fix", FormSettings, category="Stable Diffusion"),
    ]


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
        Panel(id="hires_fix", slot=PageSlot.ACCORDIONS, order=10, build=build),
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
    if index != SECOND or not params.enabled:
        return None
    from extensions.hires_fix.start import Enlarged

    return Enlarged(params, first_picture(plan, images, run), run)


@hookimpl
def edit_conditioning(conditioning: Sequence[ImageConditioning], context: PassContext, run: Run) -> Sequence[ImageConditioning]:
    """Inpainting checkpoints may see the enlarged picture."""
    if context.index != SECOND or not params_of(context.plan).enabled:
        return conditioning
    from extensions.hires_fix.channels import with_pictures

    return with_pictures(conditioning, context, decided_size(context.plan).kept, run)


@hookimpl
def describe_image(image: ImagePlan, plan: GenerationPlan, run: Run) -> PlanInfo:
    """What of the second pass differs from the first."""
    return second_pass_items(image, plan, run)
