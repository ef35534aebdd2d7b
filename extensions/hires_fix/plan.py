"""Plans the second pass: its size, sampler, schedule, checkpoint and prompts."""

from __future__ import annotations

from app.api import (
    GenerationPlan,
    GenerationRequest,
    PassPlan,
    PlannedCheckpoint,
    Run,
    Sampler,
    UserError,
    plan_checkpoint,
    resolve_sampler,
    resolve_schedule,
    sampler_eta,
    split_sampler,
)
from extensions.hires_fix.params import SAME_CHECKPOINT, SAME_SAMPLER, SAME_SCHEDULER, HiresParams
from extensions.hires_fix.size import LATENT_PX, HiresSize, hires_size

FIRST, SECOND = 0, 1
"""Indices of the passes."""

FIRST_CONDS = "hires_fix_use_firstpass_conds"
EXTRA_NOISE = "img2img_extra_noise"


def params_of(plan: GenerationPlan) -> HiresParams:
    """What was asked of hires fix."""
    return HiresParams.of(plan.params)


def with_second_pass(plan: GenerationPlan, request: GenerationRequest, run: Run) -> GenerationPlan:
    """The plan with its first pass at its size and a second one after it; unchanged where that is not asked for."""
    params = params_of(plan)
    if not params.enabled:
        return without(plan)
    if plan.first.denoising_strength is not None:
        run.comment("Hires. fix works on pictures that are drawn from nothing; it was left out.")
        return without(plan)
    if run.host.upscalers.find(params.upscaler) is None:
        missing = run.host.upscalers.missing(params.upscaler)
        raise UserError(missing.what, hint=missing.hint, field=_field("upscaler"))
    size = size_of(plan, params, run)
    second = _second_pass(plan, request, size, run)
    decided = params.model_copy(update={"resize_x": size.resize[0], "resize_y": size.resize[1], "first_width": 0, "first_height": 0})
    plan = plan.with_first(width_px=size.first[0], height_px=size.first[1])
    described = {**plan.params, HiresParams.feature: decided.model_dump(mode="json")}
    return plan.model_copy(update={"later": (second, *plan.later), "params": described})


def without(plan: GenerationPlan) -> GenerationPlan:
    """The plan with nothing in it of what waits in the form for a second pass."""
    return plan.model_copy(update={"params": {**plan.params, HiresParams.feature: HiresParams.model_validate({}).model_dump(mode="json")}})


def size_of(plan: GenerationPlan, params: HiresParams, run: Run) -> HiresSize:
    """The sizes for the plan as it was before the second pass was added; raises UserError for sizes that no picture has."""
    if any(side % LATENT_PX for side in (params.first_width, params.first_height)):
        raise UserError(f"The size of the first pass must be a multiple of {LATENT_PX}.", field=_field("first_width"))
    size = params.sizes((plan.first.width_px, plan.first.height_px), run.settings)
    if min(size.latent) < 1:
        side = "resize_x" if params.resize_x else "resize_y" if params.resize_y else "scale"
        raise UserError("The second pass of hires fix would have no pixels.", hint="Ask for a larger size.", field=_field(side))
    return size


def decided_size(plan: GenerationPlan) -> HiresSize:
    """The sizes of a plan that has its second pass."""
    params = params_of(plan)
    return hires_size((plan.first.width_px, plan.first.height_px), params.scale, (params.resize_x, params.resize_y))


def _second_pass(plan: GenerationPlan, request: GenerationRequest, size: HiresSize, run: Run) -> PassPlan:
    first, params = plan.first, params_of(plan)
    sampler, scheduler = _sampler(plan, request, params, run)
    count = len(plan.images)
    checkpoint = _checkpoint(first.checkpoint, params, run)
    extra_noise = run.settings.get(EXTRA_NOISE, 0.0)
    return first.model_copy(
        update={
            "width_px": size.final[0],
            "height_px": size.final[1],
            "steps": params.steps or first.steps,
            "sampler": sampler.name,
            "scheduler": scheduler,
            "eta": sampler_eta(sampler, run),
            "denoising_strength": params.denoising_strength,
            "exact_steps": True,
            "extra_noise": float(extra_noise) if isinstance(extra_noise, int | float) else 0.0,
            "checkpoint": checkpoint,
            "switch": None,
            "prompts": (params.prompt,) * count if params.prompt else (),
            "negative_prompts": (params.negative_prompt,) * count if params.negative_prompt else (),
            "encoded_as": FIRST if run.settings.get(FIRST_CONDS, False) and checkpoint.path == first.checkpoint.path else None,
        }
    )


def _sampler(plan: GenerationPlan, request: GenerationRequest, params: HiresParams, run: Run) -> tuple[Sampler, str]:
    """Sampler and schedule: where none is named, those that were asked for the first pass (Automatic means this sampler's own)."""
    samplers, schedules = run.host.samplers, run.host.schedules
    asked = plan.first.sampler if params.sampler == SAME_SAMPLER else params.sampler
    try:
        sampler, combined = resolve_sampler(asked, samplers, schedules)
        if params.scheduler != SAME_SCHEDULER:
            return sampler, resolve_schedule(combined or params.scheduler, sampler, schedules)
    except UserError as error:
        raise UserError(error.what, hint=error.hint, field=_field(error.field)) from error
    if sampler.name == plan.first.sampler and not combined:
        return sampler, plan.first.scheduler
    _, combined_first = split_sampler(request.sampler, samplers, schedules)
    return sampler, resolve_schedule(combined or combined_first or request.scheduler, sampler, schedules)


def _checkpoint(first: PlannedCheckpoint, params: HiresParams, run: Run) -> PlannedCheckpoint:
    if params.checkpoint == SAME_CHECKPOINT:
        return first
    try:
        return plan_checkpoint(params.checkpoint, run)
    except UserError as error:
        raise UserError(error.what, hint=error.hint, field=_field("checkpoint")) from error


def _field(name: str) -> str:
    return f"params.{HiresParams.feature}.{name}"
