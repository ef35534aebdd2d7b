"""From a request to a plan: every choice made that the host knows of."""

from __future__ import annotations

import secrets
from typing import Literal

from app.contracts import ModelFamily, Run, Sampler
from app.generation.checkpoint_choice import choose_checkpoint, planned
from app.generation.plan_names import resolve_sampler, resolve_schedule
from app.generation.plan_params import plan_params
from app.generation.plan_size import check_count, check_size, native_size
from app.generation.run_helpers import GenerationRun
from app.generation.sampler_options import DEFAULT_ETA, ETA_SETTING
from app.values.base import Json, Value
from app.values.model import ModelRecord
from app.values.plan import GenerationPlan, ImagePlan, PassPlan, SamplingOptions
from app.values.request import RANDOM_SEEDS, GenerationRequest, RandomSeed


class _ModelOptions(Value):
    """The settings, by their keys, that a plan keeps under names of its own."""

    CLIP_stop_at_last_layers: int = 1
    emphasis: Literal["Original", "No norm", "Ignore", "None"] = "Original"
    comma_padding_backtrack: int = 20
    use_old_scheduling: bool = False
    randn_source: Literal["CPU", "GPU", "NV"] = "GPU"
    eta_noise_seed_delta: int = 0


def make_plan(request: GenerationRequest, run: GenerationRun) -> GenerationPlan:
    """Decide everything that the request leaves open; raises UserError that names the field at fault."""
    host = run.host
    check_count(request.batch_count, request.batch_size)
    sampler, combined = resolve_sampler(request.sampler, host.samplers, host.schedules)
    scheduler = resolve_schedule(combined or request.scheduler, sampler, host.schedules)
    params = plan_params(request.params, host.params)
    record, family = choose_checkpoint(request.checkpoint, run)
    options = run.pick(_ModelOptions)
    return GenerationPlan(
        images=_images(request),
        batch_size=request.batch_size,
        first=PassPlan(
            width_px=_size("width", request.width, record, family),
            height_px=_size("height", request.height, record, family),
            steps=request.steps,
            cfg_scale=request.cfg_scale,
            sampler=sampler.name,
            scheduler=scheduler,
            eta=sampler_eta(sampler, run),
            checkpoint=planned(record, family),
        ),
        clip_skip=options.CLIP_stop_at_last_layers,
        emphasis=options.emphasis,
        comma_padding_backtrack=options.comma_padding_backtrack,
        use_old_scheduling=options.use_old_scheduling,
        ignore_tags=request.ignore_tags,
        encoding_settings=_encoding_settings(run),
        subseed_strength=request.subseed_strength,
        seed_resize_from_width_px=request.seed_resize_from_width,
        seed_resize_from_height_px=request.seed_resize_from_height,
        noise_source=options.randn_source,
        eta_noise_seed_delta=options.eta_noise_seed_delta,
        sampling=sampling_options(run),
        params=params,
    )


def batches(plan: GenerationPlan) -> list[tuple[ImagePlan, ...]]:
    """The pictures that are drawn together."""
    return [plan.images[start : start + plan.batch_size] for start in range(0, len(plan.images), plan.batch_size)]


def _images(request: GenerationRequest) -> tuple[ImagePlan, ...]:
    """One entry per picture; seeds count up, except that with variation all share the seed and only the variation seeds count."""
    seed = _drawn(request.seed)
    subseed = _drawn(request.subseed)
    return tuple(
        ImagePlan(
            index=index,
            prompt=request.prompt,
            negative_prompt=request.negative_prompt,
            seed=seed if request.subseed_strength else seed + index,
            subseed=subseed + index,
        )
        for index in range(request.batch_count * request.batch_size)
    )


def _encoding_settings(run: GenerationRun) -> dict[str, Json]:
    """What the families want to know when they encode prompts."""
    return {key: run.settings[key] for family in run.host.families for key in family.encoding_settings if key in run.settings}


def _drawn(seed: int) -> int:
    return secrets.randbelow(RANDOM_SEEDS) if seed == RandomSeed else seed


def _size(field: str, asked_px: int | None, record: ModelRecord, family: ModelFamily) -> int:
    """A side in pixels; the model's native size where none was asked for."""
    check_size(field, asked_px)
    return asked_px or native_size(record, family)


def sampling_options(run: GenerationRun) -> SamplingOptions:
    """The settings of sampling, those that samplers and noise schedules name included."""
    host = run.host
    named = {key for listed in (*host.samplers, *host.schedules) for key in listed.settings}
    extra = {key: run.settings[key] for key in sorted(named) if key in run.settings}
    return run.pick(SamplingOptions).model_copy(update={"extra": extra})


def sampler_eta(sampler: Sampler, run: Run) -> float | None:
    """The eta that the sampler will use; None for samplers that know none."""
    if "eta" not in sampler.knobs:
        return None
    value = run.settings.get(ETA_SETTING[sampler.space])
    return float(value) if isinstance(value, int | float) else DEFAULT_ETA[sampler.space]
