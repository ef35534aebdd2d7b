"""Protocols of samplers and noise schedules; no torch at import time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from app.values.base import Json

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class SamplerOptions:
    """Knobs of the samplers; None means the sampler's own default. ``settings``: those that the sampler names, by their keys."""

    eta: float | None = None
    s_churn: float = 0.0
    s_tmin: float = 0.0
    s_tmax: float = float("inf")
    s_noise: float = 1.0
    settings: Mapping[str, Json] = field(default_factory=dict)


class Denoiser(Protocol):
    """What a sampler calls.

    Samplers in sigma space pass ``x`` (B, C, H, W) and ``level`` = sigma (B,), and get the denoised picture D(x, sigma).
    Samplers in timestep space pass ``level`` = timestep (B,), and get the predicted noise.
    """

    def __call__(self, x: Tensor, level: Tensor) -> Tensor:
        """Run the guided model once."""
        ...


class StepNoise(Protocol):
    """Noise for a sampler: one running generator per picture, so that a batch equals single pictures."""

    def next(self) -> Tensor:
        """Draw standard normal noise of the latent's shape (B, C, H, W)."""
        ...


class IntervalNoise(Protocol):
    """Increments of one Brownian path per picture: the same noise level is always passed with the same noise, however many steps."""

    def between(self, sigma: Tensor, sigma_next: Tensor) -> Tensor:
        """Standard normal noise (B, C, H, W) of the way from ``sigma`` to ``sigma_next`` (0-dim)."""
        ...


@dataclass(frozen=True)
class GuidedPrediction:
    """Predictions (B, C, H, W) of one model call: with guidance, for the positive prompts alone, for the negative ones alone.

    Where the negative prompt was left out, all are the positive prompt's.
    """

    guided: Tensor
    positive: Tensor
    negative: Tensor


@dataclass(frozen=True)
class SamplerStep:
    """Reported by a sampler once a step: ``x`` before the step and ``denoised`` (both (B, C, H, W)); ``index`` from 0."""

    index: int
    x: Tensor
    denoised: Tensor


@dataclass(frozen=True)
class SamplingTask:
    """One call of a sampler.

    ``x``: start, already scaled (sigma space: noise * sigma_0). ``levels``: sigma space: n + 1 sigmas, falling, the last is mostly 0;
    timestep space: integer timesteps, rising, as A1111 keeps them. ``alphas_cumprod``: (1000,) of the model. ``levels`` lie on the CPU.
    ``from_noise``: ``x`` holds nothing but noise. ``steps``: as many as were asked for (0: as the levels have).
    ``brownian``: given to samplers whose options say ``brownian_noise``. ``guided``: as ``model``, with the prediction without guidance.
    """

    model: Denoiser
    x: Tensor
    levels: Tensor
    noise: StepNoise
    alphas_cumprod: Tensor
    options: SamplerOptions
    on_step: Callable[[SamplerStep], None]
    from_noise: bool = True
    steps: int = 0
    brownian: IntervalNoise | None = None
    guided: Callable[[Tensor, Tensor], GuidedPrediction] | None = None


Preconditioning = Callable[["Tensor", "Tensor", "Tensor"], "Tensor"]
"""Changes a prediction D(x, sigma), ``x`` (both (B, C, H, W)) and the timestep (B,) -> another D(x, sigma)."""
SampleFunction = Callable[[SamplingTask], "Tensor"]


@dataclass(frozen=True)
class Sampler:
    """A sampler as listed to users; ``load`` imports its function (that is where torch comes in).

    ``options`` are the facts of A1111's sampler list: ``scheduler`` (what Automatic means), ``second_order``, ``uses_ensd``,
    ``discard_next_to_last_sigma``, ``brownian_noise``. ``knobs`` names the fields of SamplerOptions that it obeys; the others do not
    reach it and are not written into the infotext. ``settings``: keys of settings that it reads, with their infotext labels.
    ``cfg_scale_share``: what it multiplies the CFG scale by. ``timestep_stride``: it knows only every so many-th noise level of the
    model, the last included. ``precondition`` loads what the model's prediction is wrapped in, in sigma space.
    """

    name: str
    load: Callable[[], SampleFunction]
    aliases: tuple[str, ...] = ()
    options: Mapping[str, str | bool] = field(default_factory=dict)
    space: Literal["sigma", "timestep"] = "sigma"
    order: int = 0
    knobs: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    cfg_scale_share: float = 1.0
    timestep_stride: int = 1
    precondition: Callable[[], Preconditioning] | None = None


@dataclass(frozen=True)
class ScheduleTask:
    """What a noise schedule gets: ``steps`` >= 1; ``model_sigmas`` (T,) rising; limits in sigma units; ``rho`` None: own default.

    ``sigma_to_t`` and ``t_to_sigma`` map between sigma and (fractional) timestep as k-diffusion's discrete schedule does.
    """

    steps: int
    sigma_min: float
    sigma_max: float
    model_sigmas: Tensor
    sigma_to_t: Callable[[Tensor], Tensor]
    t_to_sigma: Callable[[Tensor], Tensor]
    rho: float | None = None
    family: str = ""
    """Id of the model's family, for schedules that keep a table of their own for it."""
    settings: Mapping[str, Json] = field(default_factory=dict)
    """Values of the settings that the schedule names, by their keys."""


ScheduleFunction = Callable[[ScheduleTask], "Tensor"]


@dataclass(frozen=True)
class NoiseSchedule:
    """A table of sigmas as listed to users; ``load`` imports its function: ScheduleTask -> (n + 1,) float32, falling, on the CPU.

    ``settings``: keys of settings that it reads, with their infotext labels; they are written with every picture that it draws.
    """

    name: str
    label: str
    load: Callable[[], ScheduleFunction]
    aliases: tuple[str, ...] = ()
    default_rho: float = -1.0
    need_inner_model: bool = False
    order: int = 0
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """What the end of an old sampler name may say for it ("DPM++ 2M Karras"): its label, its name and its aliases."""
        return self.label, self.name, *self.aliases
