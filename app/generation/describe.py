"""What the infotext of a picture says beside the plan's own fields: sampling options and what the extensions add."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from types import MappingProxyType

from app import hookspecs
from app.contracts import PlanInfo, Sampler
from app.generation.conditioning import timeline_of
from app.generation.guidance import NGMS, PAD, PAD_V0, SKIP_EARLY
from app.generation.infotext.build import build
from app.generation.prompt.schedule import prompt_schedule
from app.generation.run_helpers import GenerationRun
from app.generation.sampler_options import sampler_items
from app.generation.sampling import SHARED_NOISE, schedule_of
from app.generation.schedule import DISCRETIZE, sigma_items
from app.stash import StashKey
from app.values.plan import GenerationPlan, ImagePlan, SamplingOptions

FURTHER_ITEMS = StashKey[Mapping[str, str]]("further infotext items")
"""In ``run.stash`` while a script's cell is drawn: what the script adds to its infotexts."""
NOTHING: Mapping[str, str] = MappingProxyType({})
DEFAULT_WORD_WRAP = 20
"""Tokens."""


def infotext_of(image: ImagePlan, plan: GenerationPlan, run: GenerationRun) -> str:
    """The infotext of one picture."""
    hooks = run.host.hooks
    items: dict[str, str | int | float | None] = {**sampling_items(plan, run), **timeline_items(image, plan, run), **run.computed}
    for owned in hooks.collect(hookspecs.describe_image, strict=True, image=image, plan=plan, run=run):
        items.update(owned.value)
    further: Mapping[str, str] = run.stash.get(FURTHER_ITEMS, NOTHING)
    items.update(further)
    return build(plan, image, items, lambda all_items: hooks.fold(hookspecs.edit_infotext, all_items, image=image, plan=plan, run=run))


def sampling_items(plan: GenerationPlan, run: GenerationRun) -> PlanInfo:
    """The items of the sampling options that changed the picture; ``ENSD`` only where the sampler's kind writes it."""
    sampler = run.host.samplers.get(plan.first.sampler)
    return {
        "ENSD": plan.eta_noise_seed_delta if _writes_ensd(sampler, plan) else None,
        **alpha_items(plan.sampling),
        **sigma_items(schedule_of(plan.first, run), sampler, plan.sampling),
        **older_ways(plan, sampler),
        "Batch seeds": None if plan.sampling.enable_batch_seeds or plan.batch_size == 1 else "False",
        **sampler_items(sampler, plan.first.eta, plan.sampling),
        **changed_settings(sampler, plan, run),
        **guidance_items(plan.sampling, run.used),
        SHARED_NOISE: "True" if SHARED_NOISE in run.used else None,
    }


def timeline_items(image: ImagePlan, plan: GenerationPlan, run: GenerationRun) -> PlanInfo:
    """``Old prompt editing timelines`` where the old rule schedules a prompt of the picture differently."""
    differs = plan.use_old_scheduling and any(
        prompt_schedule(prompt, timeline) != prompt_schedule(prompt, replace(timeline, old=False))
        for index, step in enumerate(plan.passes)
        for timeline in (timeline_of(plan, index, run),)
        for prompt in step.prompts_of(image)
    )
    return {"Old prompt editing timelines": "True" if differs else None}


def alpha_items(sampling: SamplingOptions) -> PlanInfo:
    """The items of the options that change the model's noise levels."""
    return {
        "Downcast alphas_cumprod": "True" if sampling.use_downcasted_alpha_bar else None,
        "Noise Schedule": sampling.sd_noise_schedule if sampling.sd_noise_schedule != "Default" else None,
    }


def changed_settings(sampler: Sampler, plan: GenerationPlan, run: GenerationRun) -> PlanInfo:
    """The items of the settings of the sampler's own that are not at their defaults; DISCRETIZE counts in passes from latents alone."""
    options, given = run.host.settings.options, plan.sampling.extra
    changed = {key: label for key, label in sampler.settings.items() if key in options and given.get(key) != options[key].default}
    if plan.first.denoising_strength is None:
        changed.pop(DISCRETIZE, None)
    return {label: str(given.get(key)) for key, label in changed.items()}


def guidance_items(sampling: SamplingOptions, used: Collection[str]) -> PlanInfo:
    """The items of the options that paused the negative prompt or changed a prompt's length, as far as they were ``used``."""
    return {
        NGMS: sampling.s_min_uncond if NGMS in used else None,
        f"{NGMS} all steps": "True" if NGMS in used and sampling.s_min_uncond_all else None,
        SKIP_EARLY: sampling.skip_early_cond if SKIP_EARLY in used else None,
        PAD_V0: "True" if PAD_V0 in used else None,
        PAD: "True" if PAD in used else None,
    }


def older_ways(plan: GenerationPlan, sampler: Sampler) -> PlanInfo:
    """The items of options that A1111 does not write down although they change pictures."""
    in_sigmas = sampler.space == "sigma"
    return {
        "Old Karras sigmas": "True" if plan.sampling.use_old_karras_scheduler_sigmas and in_sigmas else None,
        "Sigma quantization": "True" if plan.sampling.enable_quantization and in_sigmas else None,
        "Word wrap limit": plan.comma_padding_backtrack if plan.comma_padding_backtrack != DEFAULT_WORD_WRAP else None,
    }


def _writes_ensd(sampler: Sampler, plan: GenerationPlan) -> bool:
    return bool(plan.eta_noise_seed_delta) and bool(sampler.options.get("uses_ensd")) and plan.first.eta != 0
