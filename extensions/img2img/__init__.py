"""Image to image: pictures that begin with a picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from app.api import (
    Choices,
    DenoiseListener,
    GenerationPlan,
    GenerationRequest,
    ImageConditioning,
    ImagePlan,
    JobKind,
    Page,
    PageSlot,
    Panel,
    Params,
    PassContext,
    PassStarter,
    PlanInfo,
    Run,
    RunImage,
    SettingsSection,
    Tab,
    UserError,
    hookimpl,
)
from extensions.img2img.api import BLENDER
from extensions.img2img.params import DrawingSettings, Img2ImgParams, Img2ImgPaths, SavingSettings, UpscalingSettings

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_params(host: Host) -> Iterable[type[Params]]:
    """What rides in a request."""
    return [Img2ImgParams]


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """A1111's settings of img2img, in its sections, and its folders."""
    return [
        SettingsSection("saving-images", "Saving images/grids", SavingSettings),
        SettingsSection("upscaling", "Upscaling", UpscalingSettings, choices={"upscaler_for_img2img": Choices(lambda: upscalers(host))}),
        SettingsSection("img2img", "img2img", DrawingSettings),
        SettingsSection("saving-paths", "Paths for saving", Img2ImgPaths),
    ]


@hookimpl
def register_job_kinds(host: Host) -> Iterable[JobKind]:
    """Whole folders."""
    from extensions.img2img.batch_kind import batch_kind

    return [batch_kind(host)]


@hookimpl
def register_tabs(host: Host) -> Iterable[Tab]:
    """The second tab of the page."""

    def build(page: Page) -> None:
        from extensions.img2img.panel import build_tab

        build_tab(page)

    return [Tab(id="img2img", title="img2img", order=100, build=build)]


@hookimpl
def register_panels(host: Host) -> Iterable[Panel]:
    """Buttons below the galleries that send a picture here."""

    def build(page: Page) -> None:
        from extensions.img2img.panel import draw_send_buttons

        draw_send_buttons(page)

    return [Panel(id="img2img_send", slot=PageSlot.RESULT, order=40, build=build)]


def upscalers(host: Host) -> list[str]:
    """The names of those that enlarge pictures."""
    return [upscaler.name for upscaler in host.upscalers if upscaler.pixel is not None]


@hookimpl
def edit_request(request: GenerationRequest, run: Run) -> GenerationRequest:
    """Several pictures to start from are drawn at a time, one from each; what an earlier request of the job has left is forgotten."""
    from extensions.img2img.state import forget_job

    forget_job(run.stash)
    given = request.params.get(Img2ImgParams.feature, {}).get("init_images")
    count = len(given) if isinstance(given, list | tuple) else 0
    return request.model_copy(update={"batch_size": count}) if 1 < count < request.batch_size else request


@hookimpl
def edit_plan(plan: GenerationPlan, request: GenerationRequest, run: Run) -> GenerationPlan:
    """Read the pictures; the first pass starts from them."""
    from extensions.img2img.planning import plan_img2img

    params = Img2ImgParams.of(plan.params)
    if params.init_images:
        return plan_img2img(plan, request, params, run, rounds_mask=_rounds_mask(run, params))
    if params.has_mask:
        raise UserError("There is no picture to start from.", hint="Give one, or take the mask away.", field="init_images")
    return plan


@hookimpl
def start_pass(plan: GenerationPlan, index: int, images: Sequence[ImagePlan], run: Run) -> PassStarter | None:
    """The first pass begins with the pictures."""
    from extensions.img2img.state import JOB

    job = run.stash.get(JOB, None)
    if job is None or index:
        return None
    from extensions.img2img.start import PictureStarter

    return PictureStarter(job, run, rounds_mask=_rounds_mask(run, job.params))


@hookimpl
def edit_conditioning(conditioning: Sequence[ImageConditioning], context: PassContext, run: Run) -> Sequence[ImageConditioning]:
    """Checkpoints with more input channels see the pictures."""
    from extensions.img2img.state import JOB

    job = run.stash.get(JOB, None)
    if job is None or context.index:
        return conditioning
    from extensions.img2img.channels import PictureChannels

    return PictureChannels(job, context, run, rounds_mask=_rounds_mask(run, job.params)).added_to(conditioning)


@hookimpl
def follow_denoising(context: PassContext, run: Run) -> Iterable[DenoiseListener]:
    """What is not masked stays as it was."""
    from extensions.img2img.state import JOB

    job = run.stash.get(JOB, None)
    if job is None or context.index or job.original is None or job.latent_mask is None:
        return []
    from extensions.img2img.listener import HardEdges, MaskListener

    return [MaskListener(job.original, job.latent_mask, run.stash.get(BLENDER, None) or HardEdges())]


@hookimpl(trylast=True)
def edit_images(images: Sequence[RunImage], plan: GenerationPlan, run: Run) -> Sequence[RunImage]:
    """Put back what was not masked; masks and early stages go beside the pictures."""
    from extensions.img2img.state import JOB

    job = run.stash.get(JOB, None)
    if job is None:
        return images
    from extensions.img2img.finish import finish_images

    return finish_images(images, job, run.stash.get(BLENDER, None))


@hookimpl
def describe_image(image: ImagePlan, plan: GenerationPlan, run: Run) -> PlanInfo:
    """Denoising strength, what was masked, and what an inpainting checkpoint was shown."""
    from extensions.img2img.describe import describe, mask_weight
    from extensions.img2img.state import JOB

    job = run.stash.get(JOB, None)
    return {**(describe(image, plan, job) if job else {}), "Conditional mask weight": mask_weight(plan, run)}


def _rounds_mask(run: Run, params: Img2ImgParams) -> bool:
    return params.mask_round and BLENDER not in run.stash


@hookimpl
def register_texts(host: Host) -> Iterable[str]:
    """What the canvases are called, which their buttons say before what they do."""
    from extensions.img2img.modes import CANVAS_MODES

    return (mode.label for mode in CANVAS_MODES)
