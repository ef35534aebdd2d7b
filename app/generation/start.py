"""How a pass begins: how many steps of how long a table it runs, and the noised latents that it starts from."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from app.contracts import Sampler
from app.errors import UserError
from app.generation.schedule import ModelSigmas
from app.values.plan import PassPlan, SamplingOptions

STRONGEST = 0.999
"""Denoising strengths above it count as this."""


@dataclass(frozen=True)
class PassSteps:
    """The table of levels is made for ``total`` steps, the last ``executed`` of them are run."""

    total: int
    executed: int


@dataclass(frozen=True)
class PassStart:
    """The levels that are walked through, the latents (B, C, h, w) noised and scaled for the first of them, and the whole table."""

    levels: Tensor
    latents: Tensor
    table: Tensor


def pass_steps(step: PassPlan) -> PassSteps:
    """From noise all steps; from latents the strength's share of them and one more, or, for exact steps, as many as asked for."""
    strength = step.denoising_strength
    if strength is None:
        return PassSteps(step.steps, step.steps)
    strength = min(strength, STRONGEST)
    if step.exact_steps:
        return PassSteps(int(step.steps / strength) if strength > 0 else 0, step.steps)
    return PassSteps(step.steps, int(strength * step.steps) + 1)


def from_noise(noise: Tensor, sampler: Sampler, levels: Tensor, options: SamplingOptions) -> PassStart:
    """All levels, from pure noise (B, C, h, w)."""
    if sampler.space == "timestep":
        return PassStart(levels, noise, levels)
    sigma = levels[0].to(noise.device, noise.dtype)
    scaled = noise * (1.0 + sigma**2.0) ** 0.5 if options.sgm_noise_multiplier else noise * sigma
    return PassStart(levels, scaled, levels)


def from_latents(latents: Tensor, noise: Tensor, sampler: Sampler, levels: Tensor, table: ModelSigmas, step: PassPlan) -> PassStart:
    """The last levels of the table, from clean latents (B, C, h, w) with noise of the same shape."""
    if latents.shape != noise.shape:
        raise UserError(f"The pass starts from latents of the shape {tuple(latents.shape)} and not {tuple(noise.shape)}.")
    steps = pass_steps(step)
    noise = noise * step.noise_multiplier
    if sampler.space == "timestep":
        return _at_timestep(latents, noise, levels, steps, table, step.extra_noise)
    used = levels[max(0, steps.total - steps.executed) :]
    return PassStart(used, latents + noise * used[0].to(noise.device, noise.dtype) + noise * step.extra_noise, levels)


def _at_timestep(latents: Tensor, noise: Tensor, levels: Tensor, steps: PassSteps, table: ModelSigmas, extra_noise: float) -> PassStart:
    """The timesteps below the one that the latents are noised to."""
    index = min(steps.executed - 1, len(levels) - 1)
    alpha = table.alphas_cumprod[int(levels[index])].to(noise.device, noise.dtype)
    noised = alpha.sqrt() * (latents + extra_noise * noise) + (1 - alpha).sqrt() * noise
    return PassStart(levels[:index], noised, levels)


def model_calls(step: PassPlan, sampler: Sampler, steps: int | None = None) -> int:
    """How often the sampler is expected to call the model in ``steps`` steps (the pass's own number)."""
    return (step.steps if steps is None else steps) * (2 if sampler.options.get("second_order") else 1)
