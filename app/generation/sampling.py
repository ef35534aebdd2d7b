"""One batch from its seeds to its finished latents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from app import hookspecs
from app.contracts import Conditioning, DenoiseListener, ImageConditioning, LoadedModel, NoiseSchedule
from app.errors import JobStopped
from app.generation.conditioning import PromptEncoder
from app.generation.denoise import PassResult, SamplingPass, denoise, start_latents
from app.generation.guidance import GuidanceOptions
from app.generation.listeners import NamedListener
from app.generation.noise import ImageNoise, NoisePlan
from app.generation.plan_names import AUTOMATIC
from app.generation.progress import Progress
from app.generation.run_helpers import GenerationRun
from app.generation.sampler_options import sampler_options
from app.generation.schedule import ModelSigmas, sigma_levels, timestep_levels
from app.values.plan import GenerationPlan, ImagePlan


@dataclass(frozen=True)
class BatchSampler:
    """Draws the batches of one plan with one (patched) model."""

    plan: GenerationPlan
    model: LoadedModel
    encoder: PromptEncoder
    run: GenerationRun
    progress: Progress

    def sample(self, images: Sequence[ImagePlan]) -> PassResult:
        """The latents (B, C, h, w) of a batch; a skip or an interrupt returns the newest prediction."""
        self.progress.encoding()
        try:
            self.run.control.check()
        except JobStopped as stop:
            if stop.kind == "cancel":
                raise
            return PassResult(None, stop.kind)
        with torch.no_grad():
            sampling = self._pass(images, self.encoder.batch(images))
            listeners = self._listeners()
            self.progress.begin_pass(sampling.steps)
            return denoise(self.model, sampling, listeners, self.run.control, self.progress.step)

    def _pass(self, images: Sequence[ImagePlan], conditioning: Sequence[ImageConditioning]) -> SamplingPass:
        """Everything that the sampler needs for these pictures, starting from noise."""
        plan = self.plan
        sampler = self.run.host.samplers.get(plan.sampler)
        table = model_table(plan, self.model)
        if sampler.space == "timestep":
            levels = timestep_levels(sampler, plan.steps, plan.sampling, len(table.sigmas))
        else:
            levels = sigma_levels(sampler, schedule_of(plan, self.run), plan.steps, table, plan.sampling)
        noise = ImageNoise(noise_plan(images, plan, self.model), self.model.device)
        calls = plan.steps * (2 if sampler.options.get("second_order") else 1)
        return SamplingPass(
            sampler=sampler,
            levels=levels,
            table=table,
            start=start_latents(noise.first(), sampler, levels, plan.sampling),
            noise=noise,
            conditioning=conditioning,
            guidance=GuidanceOptions(plan.cfg_scale, calls, plan.sampling, self._empty_prompt()),
            options=sampler_options(sampler, plan.eta, plan.sampling),
            steps=len(levels) - 1,
            nan_check=self.run.host.options.nan_check,
        )

    def _empty_prompt(self) -> Conditioning | None:
        return self.encoder.empty() if self.plan.sampling.pad_cond_uncond else None

    def _listeners(self) -> list[DenoiseListener]:
        hooks = self.run.host.hooks
        wanted = hooks.collect(hookspecs.follow_denoising, strict=True, plan=self.plan, model=self.model, run=self.run)
        return [NamedListener(owned, hooks) for owned in wanted]


def model_table(plan: GenerationPlan, model: LoadedModel) -> ModelSigmas:
    """The model's noise levels as this plan uses them."""
    return ModelSigmas.of(model.alphas_cumprod, quantize=plan.sampling.enable_quantization, family=model.identity.family)


def schedule_of(plan: GenerationPlan, run: GenerationRun) -> NoiseSchedule | None:
    """The plan's noise schedule; None: the model's uniform sigmas."""
    return None if plan.scheduler == AUTOMATIC else run.host.schedules.find(plan.scheduler)


def noise_plan(images: Sequence[ImagePlan], plan: GenerationPlan, model: LoadedModel) -> NoisePlan:
    """Seeds and sizes of the noise of these pictures."""
    scale = model.downscale
    resize = (plan.seed_resize_from_height_px // scale, plan.seed_resize_from_width_px // scale)
    return NoisePlan(
        shape=(model.latent_channels, plan.height_px // scale, plan.width_px // scale),
        seeds=tuple(image.seed for image in images),
        subseeds=tuple(image.subseed for image in images),
        subseed_strength=plan.subseed_strength,
        resize_from=resize if all(resize) else None,
        seed_delta=plan.eta_noise_seed_delta,
        source=plan.noise_source,
    )
