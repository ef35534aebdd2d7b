"""From a request to the plan of a job that begins with pictures."""

from __future__ import annotations

from dataclasses import replace

from app.api import GenerationPlan, GenerationRequest, Run, UserError, pick, upscale_to
from extensions.a1111_infotext.api import ONLY_MASKED
from extensions.img2img.api import BLENDER
from extensions.img2img.describe_own import own_items
from extensions.img2img.init_images import save_init_images
from extensions.img2img.masks import is_blank
from extensions.img2img.outpaint import STEP_PX, Canvas
from extensions.img2img.params import RESIZE_MODES, Img2ImgParams, Img2ImgPaths, Img2ImgSettings
from extensions.img2img.prepare import Given, Target, read_given, start_mask, start_picture
from extensions.img2img.resizing import Enlarge, ResizeMode, Size
from extensions.img2img.state import JOB, Img2ImgJob, StartMask

KIND = "img2img"
LARGEST_PX = 16384
NO_UPSCALER = "None"


def plan_img2img(plan: GenerationPlan, request: GenerationRequest, params: Img2ImgParams, run: Run, *, rounds_mask: bool) -> GenerationPlan:
    """The plan with a first pass that starts from the request's pictures; they are read, prepared and kept in ``run.stash``."""
    settings = pick(Img2ImgSettings, run.settings)
    if len(params.init_images) not in (1, plan.batch_size):
        raise UserError(
            f"There are {len(params.init_images)} pictures to start from for {plan.batch_size} at a time.",
            hint="Give one picture, or at most as many as the batch size.",
            field="init_images",
        )
    opened = read_given(params, settings, run, rounds_mask=rounds_mask)
    given, crop_to, size = _sized(opened, params, (plan.first.width_px, plan.first.height_px))
    if params.outpaints:
        _tell_unused(params, request, size, run)
    mask = _mask(given, params, size, run)
    target = Target(size, ResizeMode(params.resize_mode), enlarging(settings, run))
    pictures = tuple(start_picture(image, md5, mask, params, target) for image, md5 in zip(given.pictures, given.md5s, strict=True))
    paths = pick(Img2ImgPaths, run.settings)
    run.stash[JOB] = job = Img2ImgJob(params, settings, paths, pictures, mask, plan.batch_size, target.enlarge, crop_to)
    job.own_items = own_items(params, settings, given, size, mask, blends=BLENDER in run.stash)
    if settings.save_init_img:
        save_init_images(given, run.host.paths.resolve(job.paths.outdir_init_images), run)
    noise = settings.initial_noise_multiplier if params.initial_noise_multiplier is None else params.initial_noise_multiplier
    planned = plan.with_first(
        width_px=size[0],
        height_px=size[1],
        denoising_strength=params.denoising_strength,
        exact_steps=settings.img2img_fix_steps,
        noise_multiplier=noise,
        extra_noise=settings.img2img_extra_noise,
    )
    return planned.model_copy(update={"kind": KIND})


def enlarging(settings: Img2ImgSettings, run: Run) -> Enlarge:
    """How pictures are brought to a size: by the upscaler of the settings where they grow; raises UserError when there is none such."""
    name = settings.upscaler_for_img2img
    upscaler = run.host.upscalers.find(name) if name else None
    if name and name != NO_UPSCALER and (upscaler is None or upscaler.pixel is None):
        raise UserError(
            f"There is no upscaler of pictures {name!r}.",
            hint='Choose another one in the settings, under "Upscaling".',
            field="upscaler_for_img2img",
        )
    return lambda image, size: upscale_to(image, size, upscaler, run)


def _sized(given: Given, params: Img2ImgParams, asked: Size) -> tuple[Given, Size | None, Size]:
    """What was given, on its canvas; the size to cut the result to, or None; and the size of the drawing."""
    picture = given.pictures[0].size
    if params.outpaints:
        canvas = Canvas.of(params, picture)
        if any(image.size != picture for image in given.pictures):
            raise UserError("Pictures that are extended together must have one size.", field="init_images")
        mask = canvas.mask(picture, params, given.mask)
        size = _checked(canvas.size_of(picture), "outpaint_left")
        return replace(given, pictures=tuple(map(canvas.extended, given.pictures)), mask=mask), canvas.wanted, size
    if params.scale is None:
        return given, None, asked
    width, height = (int(side * params.scale) // STEP_PX * STEP_PX for side in picture)
    return given, None, _checked((width, height), "scale")


def _tell_unused(params: Img2ImgParams, request: GenerationRequest, size: Size, run: Run) -> None:
    """Name what was asked for and has no meaning for a picture that is extended: all of it is drawn, at its own size."""
    asked = {"width": request.width, "height": request.height} if params.scale is None else {}
    unused = [f"{side} {px}" for (side, px), drawn in zip(asked.items(), size, strict=False) if px not in (None, drawn)]
    unused += [f"resize by {params.scale:g}"] if params.scale is not None else []
    unused += [f'resize mode "{RESIZE_MODES[params.resize_mode]}"'] if params.resize_mode else []
    unused += [f'"{ONLY_MASKED}"'] if params.inpaint_full_res else []
    if unused:
        run.comment(f"The extended picture is drawn as a whole, with {size[0]}x{size[1]} pixels; not used: {', '.join(unused)}.")


def _checked(size: Size, field: str) -> Size:
    if not STEP_PX <= min(size) <= max(size) <= LARGEST_PX:
        raise UserError(
            f"The result would have {size[0]}x{size[1]} pixels; sides are from {STEP_PX} to {LARGEST_PX}.",
            hint="Choose another factor or another extension.",
            field=field,
        )
    return size


def _mask(given: Given, params: Img2ImgParams, size: Size, run: Run) -> StartMask | None:
    if given.mask is None:
        return None
    mask = start_mask(given.mask, params, given.pictures[0].size, size)
    if mask is None:
        run.comment('The mask is blank and has no surroundings to draw for "Only masked", so the whole picture is drawn as in img2img.')
    elif is_blank(mask.pixels):
        run.comment("The mask is blank, so all of the picture is kept.")
    elif params.inpaint_full_res and any(image.size != given.pictures[0].size for image in given.pictures):
        raise UserError("With one mask for several pictures, they must have one size.", field="init_images")
    return mask
