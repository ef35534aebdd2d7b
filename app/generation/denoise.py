"""One sampling pass: the model in the sampler's units, guidance, listeners, and the checks at every model call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor

from app.contracts import (
    Conditioning,
    DenoiseListener,
    DenoiseState,
    GuidanceEditor,
    GuidedPrediction,
    ImageConditioning,
    IntervalNoise,
    JobControl,
    LoadedModel,
    Sampler,
    SamplerOptions,
    SamplerStep,
    SamplingTask,
    StepNoise,
)
from app.errors import JobStopped, UserError
from app.generation.careful_model import CarefulModel, PredictingModel
from app.generation.guidance import EditPrediction, Guidance, GuidanceOptions, Predictor
from app.generation.schedule import ModelSigmas
from app.values.model import PredictionType


@dataclass(frozen=True)
class SamplingPass:
    """Everything that one pass over a batch needs; ``start`` (B, C, h, w) is already noised and scaled for ``levels[0]``.

    ``wanted_steps``: as many as were asked for, where ``from_noise``; ``steps``: as many as the levels make.
    """

    sampler: Sampler
    levels: Tensor
    table: ModelSigmas
    start: Tensor
    noise: StepNoise
    conditioning: Sequence[ImageConditioning]
    guidance: GuidanceOptions
    options: SamplerOptions
    steps: int
    wanted_steps: int = 0
    from_noise: bool = True
    brownian: IntervalNoise | None = None
    pass_index: int = 0
    pass_count: int = 1
    nan_check: bool = True
    switch: PassSwitch | None = None
    editors: Sequence[GuidanceEditor] = ()
    comment: Callable[[str], None] = lambda text: None


@dataclass(frozen=True)
class PassSwitch:
    """Another model takes over when the share ``at`` of the pass is done: of the training timesteps, or of the model calls.

    ``enter`` opens it and returns it with what guides the pictures in it.
    """

    at: float
    by_calls: bool
    enter: Callable[[], tuple[LoadedModel, Sequence[ImageConditioning]]]

    def is_due(self, share_of_timesteps: float, share_of_calls: float) -> bool:
        """True from the moment on at which the other model draws."""
        return (share_of_calls if self.by_calls else share_of_timesteps) >= self.at


@dataclass(frozen=True)
class PassResult:
    """``latents`` (B, C, h, w), or None when the pass was stopped before its first step ended; ``stopped``: by what, or ""."""

    latents: Tensor | None
    stopped: Literal["", "skip", "interrupt"] = ""


def denoise(
    model: LoadedModel,
    sampling: SamplingPass,
    listeners: Sequence[DenoiseListener],
    control: JobControl,
    on_step: Callable[[int], None],
) -> PassResult:
    """Run the sampler; a skip or an interrupt ends it with the newest prediction, a cancel is raised as JobStopped."""
    denoiser = PassDenoiser(model, sampling, listeners, control, on_step)
    task = SamplingTask(
        model=denoiser,
        x=sampling.start,
        levels=sampling.levels,
        noise=sampling.noise,
        alphas_cumprod=sampling.table.alphas_cumprod.float(),
        options=sampling.options,
        on_step=denoiser.finish_step,
        from_noise=sampling.from_noise,
        steps=sampling.wanted_steps,
        brownian=sampling.brownian,
        guided=denoiser.guided,
    )
    try:
        for listener in listeners:
            listener.begin(sampling.start, denoiser.state(_highest(sampling.levels)))
        latents = sampling.sampler.load()(task)
        for listener in listeners:
            latents = listener.end(latents)
    except JobStopped as stop:
        if stop.kind == "cancel":
            raise
        return PassResult(denoiser.newest, stop.kind)
    return PassResult(latents)


class PassDenoiser:
    """The denoiser that a sampler calls: counts calls and steps, and lets the listeners in."""

    def __init__(
        self,
        model: LoadedModel,
        sampling: SamplingPass,
        listeners: Sequence[DenoiseListener],
        control: JobControl,
        on_step: Callable[[int], None],
    ) -> None:
        self._sampling = sampling
        self._table = sampling.table
        self._listeners = listeners
        self._control = control
        self._on_step = on_step
        self._precondition = sampling.sampler.precondition() if sampling.sampler.precondition else None
        self._guidance = self._guidance_of(model, sampling.conditioning)
        self._switch = sampling.switch
        self._calls = 0
        self._steps = 0
        self._level = _highest(sampling.levels)
        self.newest: Tensor | None = None

    def __call__(self, x: Tensor, level: Tensor) -> Tensor:
        """The guided prediction for ``x`` (B, C, h, w) at ``level`` (B,): D(x, sigma), or the noise in timestep space."""
        return self.guided(x, level).guided

    def guided(self, x: Tensor, level: Tensor) -> GuidedPrediction:
        """As a call, with the prediction without guidance, which no listener has changed."""
        self._control.check()
        self._level = float(level[0])
        self._change_model(level[:1])
        state = self.state(self._level)
        for listener in self._listeners:
            x = listener.before_model(x, state)
        parts = self._guidance.parts(x, level, self._calls, self._edit(x, level, state) if self._sampling.editors else None)
        prediction = parts.guided
        if self._sampling.nan_check and bool(torch.isnan(prediction).any()):
            raise no_number("The model", "Start with --no-half, or use another checkpoint.")
        if self._precondition is not None:
            prediction = self._precondition(prediction, x, self._table.sigma_to_t(level))
        prediction = self._after_model(x, level, prediction, state)
        self._calls += 1
        return replace(parts, guided=prediction)

    def _edit(self, x: Tensor, level: Tensor, state: DenoiseState) -> EditPrediction:
        """The editors one after another; they see denoised pictures, whatever units the sampler works in."""
        signal, noise = (1.0, 1.0) if state.space == "sigma" else signal_and_noise(self._table, level)

        def picture(prediction: Tensor) -> Tensor:
            return prediction if state.space == "sigma" else (x - noise * prediction) / signal

        def edit(guided: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
            parts = GuidedPrediction(picture(guided), picture(positive), picture(negative))
            for editor in self._sampling.editors:
                parts = replace(parts, guided=editor(parts, state))
            return parts.guided if state.space == "sigma" else (x - signal * parts.guided) / noise

        return edit

    def _guidance_of(self, model: LoadedModel, conditioning: Sequence[ImageConditioning]) -> Guidance:
        sampling = self._sampling
        careful = CarefulModel(model, sampling.comment, self._control.check, sampling.nan_check)
        return Guidance(predictor(careful, sampling.sampler, sampling.table), conditioning, sampling.guidance)

    def _change_model(self, level: Tensor) -> None:
        """Let the other model take over once its moment has come."""
        switch, table = self._switch, self._sampling.table
        if switch is None:
            return
        is_timestep = self._sampling.sampler.space == "timestep"
        timestep = int(level) if is_timestep else table.nearest_timestep(float(level))
        share_of_calls = self._calls / max(1, self._sampling.guidance.total_calls)
        if switch.is_due((table.timesteps - 1 - timestep) / table.timesteps, share_of_calls):
            self._guidance = self._guidance_of(*switch.enter())
            self._switch = None

    def state(self, level: float) -> DenoiseState:
        """Where the pass stands, for the listeners."""
        sampling = self._sampling
        timestep = sampling.sampler.space == "timestep"
        return DenoiseState(
            step=self._steps,
            steps=sampling.steps,
            call_index=self._calls,
            level=float(self._table.t_to_sigma(torch.tensor(level))) if timestep else level,
            pass_index=sampling.pass_index,
            pass_count=sampling.pass_count,
            space=sampling.sampler.space,
        )

    def finish_step(self, step: SamplerStep) -> None:
        """Told by the sampler after each step."""
        self.newest = step.denoised
        state = self.state(self._level)
        self._steps = step.index + 1
        for listener in self._listeners:
            listener.after_step(step.denoised, state)
        self._on_step(self._steps)

    def _after_model(self, x: Tensor, level: Tensor, prediction: Tensor, state: DenoiseState) -> Tensor:
        """Let the listeners change the denoised picture, whatever units the sampler works in."""
        if not self._listeners:
            return prediction
        if self._sampling.sampler.space == "sigma":
            for listener in self._listeners:
                prediction = listener.after_model(prediction, state)
            return prediction
        signal, noise = signal_and_noise(self._table, level)
        denoised = original = (x - noise * prediction) / signal
        for listener in self._listeners:
            denoised = listener.after_model(denoised, state)
        return prediction if denoised is original else (x - signal * denoised) / noise


def predictor(model: PredictingModel, sampler: Sampler, table: ModelSigmas) -> Predictor:
    """The model in the sampler's units."""
    if sampler.space == "timestep":
        return _NoisePredictor(model, model.prediction_type, table)
    return _DenoisedPredictor(model, model.prediction_type, table)


@dataclass(frozen=True)
class _DenoisedPredictor:
    """D(x, sigma) of a model that predicts noise or velocity; preconditioning as in Karras et al. 2022, table 1 (VP)."""

    model: PredictingModel
    prediction_type: PredictionType
    table: ModelSigmas

    def __call__(self, x: Tensor, level: Tensor, conditioning: Sequence[Conditioning]) -> Tensor:
        sigma = level.view(-1, 1, 1, 1)
        scale = 1 / (sigma**2 + 1) ** 0.5
        raw = self.model.predict(x * scale, self.table.sigma_to_t(level), conditioning).to(x.dtype)
        if self.prediction_type == "v":
            return x * scale**2 - raw * sigma * scale
        return x - raw * sigma


@dataclass(frozen=True)
class _NoisePredictor:
    """The noise in x = signal * x0 + noise * e, of a model that predicts noise or velocity."""

    model: PredictingModel
    prediction_type: PredictionType
    table: ModelSigmas

    def __call__(self, x: Tensor, level: Tensor, conditioning: Sequence[Conditioning]) -> Tensor:
        raw = self.model.predict(x, level, conditioning).to(x.dtype)
        if self.prediction_type == "v":
            signal, noise = signal_and_noise(self.table, level)
            return signal * raw + noise * x
        return raw


def signal_and_noise(table: ModelSigmas, timesteps: Tensor) -> tuple[Tensor, Tensor]:
    """Shares (B, 1, 1, 1) of signal and noise at these timesteps; their squares add up to 1."""
    sigma = table.t_to_sigma(timesteps).view(-1, 1, 1, 1)
    signal = 1 / (sigma**2 + 1) ** 0.5
    return signal, sigma * signal


def _highest(levels: Tensor) -> float:
    return float(levels.max()) if len(levels) else 0.0


def no_number(who: str, hint: str) -> UserError:
    """The error for a result full of NaN."""
    return UserError(f"{who} returned values that are not numbers (NaN).", hint=hint)
