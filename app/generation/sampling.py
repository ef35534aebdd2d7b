"""One pass: noise, levels, prompts and listeners are put together, and the sampler walks."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from app import hookspecs
from app.contracts import DenoiseListener, ImageConditioning, IntervalNoise, LoadedModel, NoiseSchedule, PassContext, Sampler
from app.errors import UserError
from app.generation.alphas import changed_alphas
from app.generation.conditioning import PromptEncoder
from app.generation.denoise import PassResult, PassSwitch, SamplingPass, denoise
from app.generation.guidance import GuidanceOptions
from app.generation.listeners import NamedEditor, NamedListener
from app.generation.noise import ImageNoise, NoisePlan
from app.generation.plan_names import AUTOMATIC
from app.generation.progress import Progress
from app.generation.run_helpers import GenerationRun
from app.generation.sampler_options import sampler_options
from app.generation.schedule import ModelSigmas, sigma_levels, timestep_levels
from app.generation.sessions import ModelSessions, Session
from app.generation.start import PassStart, from_latents, from_noise, model_calls, pass_steps
from app.values.plan import GenerationPlan, PassPlan

SHARED_NOISE = "Shared SDE noise"
"""Infotext label: the pictures of a batch have one noise path together."""


def sample_pass(session: Session, latents: Tensor | None, sessions: ModelSessions, run: GenerationRun, progress: Progress) -> PassResult:
    """The latents (B, C, h, w) of a batch after one pass that begins with the clean ``latents``, or with noise."""
    context = session.context
    if latents is not None and pass_steps(context.step).total == 0:
        return PassResult(latents)
    progress.encoding()
    sampling = _sampling_pass(session, latents, sessions, run)
    progress.begin_pass(sampling.steps)
    return denoise(context.model, sampling, _listeners(context, run), run.control, progress.step)


def _sampling_pass(session: Session, latents: Tensor | None, sessions: ModelSessions, run: GenerationRun) -> SamplingPass:
    """Everything that the sampler needs."""
    context, hooks = session.context, run.host.hooks
    plan, step, model = context.plan, context.step, context.model
    sampler = run.host.samplers.get(step.sampler)
    table = model_table(plan, model, sampler)
    noise = ImageNoise(noise_plan(context), model.device)
    start = _start(context, latents, noise, sampler, table, run)
    calls = model_calls(step, sampler, pass_steps(step).executed)
    with sessions.while_encoding(session) as encoding:
        encoder = PromptEncoder(context, encoding.patch_keys, run)
        encoded, guidance = encoder.batch(), _guidance(sampler, context, calls, encoder, run)
    return SamplingPass(
        sampler=sampler,
        levels=start.levels,
        table=table,
        start=start.latents,
        noise=noise,
        conditioning=_edited(encoded, context, run),
        guidance=guidance,
        options=sampler_options(sampler, step.eta, plan.sampling),
        steps=max(0, len(start.levels) - 1),
        wanted_steps=step.steps,
        from_noise=latents is None,
        brownian=_brownian(sampler, start, noise, plan, run),
        pass_index=context.index,
        pass_count=len(plan.passes),
        nan_check=run.host.options.nan_check,
        switch=_switch(context, sessions, run),
        editors=[NamedEditor(owned, hooks) for owned in hooks.collect(hookspecs.edit_guidance, strict=True, context=context, run=run)],
        comment=run.comment,
    )


def _guidance(sampler: Sampler, context: PassContext, calls: int, encoder: PromptEncoder, run: GenerationRun) -> GuidanceOptions:
    """How the prompts of this pass are weighed."""
    sampling = context.plan.sampling
    return GuidanceOptions(
        cfg_scale=context.step.cfg_scale * sampler.cfg_scale_share,
        total_calls=calls,
        sampling=sampling,
        empty=encoder.empty() if sampling.pad_cond_uncond else None,
        always_negative=sampler.cfg_scale_share != 1.0,
        used=run.used.add,
    )


def _brownian(sampler: Sampler, start: PassStart, noise: ImageNoise, plan: GenerationPlan, run: GenerationRun) -> IntervalNoise | None:
    """The noise of samplers of stochastic equations."""
    if not sampler.options.get("brownian_noise"):
        return None
    shared = plan.sampling.no_dpmpp_sde_batch_determinism
    if shared and len(start.latents) > 1:
        run.used.add(SHARED_NOISE)
    return noise.brownian(start.table, start.latents, per_picture=not shared)


def _start(
    context: PassContext, latents: Tensor | None, noise: ImageNoise, sampler: Sampler, table: ModelSigmas, run: GenerationRun
) -> PassStart:
    plan, step = context.plan, context.step
    if (latents is None) != (step.denoising_strength is None):
        raise UserError("There is no picture to start from." if latents is None else "There is no denoising strength.")
    steps = pass_steps(step)
    if sampler.space == "timestep":
        levels = timestep_levels(sampler, steps.total, plan.sampling, len(table.sigmas), from_latents=latents is not None)
    else:
        levels = sigma_levels(sampler, schedule_of(step, run), steps.total, table, plan.sampling)
    if latents is None:
        return from_noise(noise.first(), sampler, levels, plan.sampling)
    return from_latents(latents, noise.first(), sampler, levels, table, step)


def _edited(encoded: Sequence[ImageConditioning], context: PassContext, run: GenerationRun) -> Sequence[ImageConditioning]:
    """What guides each picture of the batch, after the extensions have changed it."""
    return run.host.hooks.fold(hookspecs.edit_conditioning, encoded, context=context, run=run)


def _switch(context: PassContext, sessions: ModelSessions, run: GenerationRun) -> PassSwitch | None:
    """The change to another checkpoint in the middle of the pass."""
    switch = context.step.switch
    if switch is None:
        return None

    def enter() -> tuple[LoadedModel, Sequence[ImageConditioning]]:
        session = sessions.open(context.index, context.images, switch.checkpoint)
        encoded = PromptEncoder(session.context, session.patch_keys, run).batch()
        return session.context.model, _edited(encoded, session.context, run)

    return PassSwitch(switch.at, switch.by_calls, enter)


def _listeners(context: PassContext, run: GenerationRun) -> list[DenoiseListener]:
    hooks = run.host.hooks
    wanted = hooks.collect(hookspecs.follow_denoising, strict=True, context=context, run=run)
    return [NamedListener(owned, hooks) for owned in wanted]


def model_table(plan: GenerationPlan, model: LoadedModel, sampler: Sampler) -> ModelSigmas:
    """The model's noise levels as this plan and sampler use them."""
    alphas_cumprod = changed_alphas(model.alphas_cumprod, plan.sampling)
    stride, quantize = sampler.timestep_stride, plan.sampling.enable_quantization
    return ModelSigmas.of(alphas_cumprod, quantize=quantize, family=model.identity.family, stride=stride)


def schedule_of(step: PassPlan, run: GenerationRun) -> NoiseSchedule | None:
    """The pass's noise schedule; None: the model's uniform sigmas."""
    return None if step.scheduler == AUTOMATIC else run.host.schedules.find(step.scheduler)


def noise_plan(context: PassContext) -> NoisePlan:
    """Seeds and sizes of the noise of these pictures."""
    plan, scale = context.plan, context.model.downscale
    resize = (plan.seed_resize_from_height_px // scale, plan.seed_resize_from_width_px // scale)
    return NoisePlan(
        shape=context.latent_shape,
        seeds=tuple(image.seed for image in context.images),
        subseeds=tuple(image.subseed for image in context.images),
        subseed_strength=plan.subseed_strength,
        resize_from=resize if all(resize) else None,
        seed_delta=plan.eta_noise_seed_delta,
        source=plan.noise_source,
        per_picture=plan.sampling.enable_batch_seeds,
    )


def seed_noise(context: PassContext) -> Tensor:
    """Fresh noise (B, C, h, w) of the pictures' seeds alone, for what is drawn before the pass begins."""
    shape, seeds = context.latent_shape, tuple(image.seed for image in context.images)
    return ImageNoise(NoisePlan(shape=shape, seeds=seeds, source=context.plan.noise_source), context.model.device).first()
