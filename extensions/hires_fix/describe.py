"""What the infotext says of the second pass, under A1111's keys and in its order."""

from __future__ import annotations

from app.api import GenerationPlan, ImagePlan, PlanInfo, Run, short_number
from extensions.hires_fix.plan import SECOND, params_of


def second_pass_items(image: ImagePlan, plan: GenerationPlan, run: Run) -> PlanInfo:
    """The items of one picture; names and prompts only where they differ from the first pass's."""
    params = params_of(plan)
    if not params.enabled:
        return {}
    first, second = plan.first, plan.passes[SECOND]
    resized = bool(params.resize_x or params.resize_y)
    upscaler = run.host.upscalers.find(params.upscaler)
    prompt, negative_prompt = second.prompts_of(image)
    return {
        "Denoising strength": short_number(params.denoising_strength),
        "Hires checkpoint": second.checkpoint.short_title if second.checkpoint.path != first.checkpoint.path else None,
        "Hires sampler": second.sampler if second.sampler != first.sampler else None,
        "Hires prompt": prompt if prompt != image.prompt else None,
        "Hires negative prompt": negative_prompt if negative_prompt != image.negative_prompt else None,
        "Hires schedule type": second.scheduler if second.scheduler != first.scheduler else None,
        "Hires upscale": None if resized else short_number(params.scale),
        "Hires resize": f"{params.resize_x}x{params.resize_y}" if resized else None,
        "Hires steps": params.steps or None,
        "Hires upscaler": upscaler.name if upscaler else params.upscaler,
        "Extra noise": second.extra_noise or None,
    }
