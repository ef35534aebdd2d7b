"""Protocols and small carriers that extensions fulfil or receive, gathered from the files beside; no torch at import time."""

from __future__ import annotations

from app.contracts.attention import (
    Attention,
    AttentionFunction,
    DeviceFacts,
)
from app.contracts.declarations import (
    Credentials,
    MetadataReading,
    PlanInfo,
    SettingsSection,
    User,
)
from app.contracts.jobs import (
    Executor,
    ExecutorSink,
    JobKind,
)
from app.contracts.models import (
    Conditioning,
    ConditioningPart,
    ConditioningStep,
    EncodeOptions,
    ImageConditioning,
    LoadedModel,
    LoadOptions,
    ModelFamily,
    Scratch,
    WorkingTask,
)
from app.contracts.networks import NetworkType
from app.contracts.passes import (
    DenoiseListener,
    DenoiseState,
    GuidanceEditor,
    ModelPatch,
    PassContext,
    PassStarter,
    RunImage,
)
from app.contracts.running import (
    ControlAction,
    JobControl,
    Run,
    WeightsCache,
)
from app.contracts.sampling import (
    Denoiser,
    GuidedPrediction,
    IntervalNoise,
    NoiseSchedule,
    Preconditioning,
    SampleFunction,
    Sampler,
    SamplerOptions,
    SamplerStep,
    SamplingTask,
    ScheduleFunction,
    ScheduleTask,
    StepNoise,
)
from app.contracts.upscaling import (
    LatentUpscale,
    PixelUpscale,
    Upscaler,
)
from app.contracts.weights import (
    LayerEdit,
    LayerWeights,
    WeightEdits,
)

__all__ = [
    "Attention",
    "AttentionFunction",
    "Conditioning",
    "ConditioningPart",
    "ConditioningStep",
    "ControlAction",
    "Credentials",
    "DenoiseListener",
    "DenoiseState",
    "Denoiser",
    "DeviceFacts",
    "EncodeOptions",
    "Executor",
    "ExecutorSink",
    "GuidanceEditor",
    "GuidedPrediction",
    "ImageConditioning",
    "IntervalNoise",
    "JobControl",
    "JobKind",
    "LatentUpscale",
    "LoadOptions",
    "LoadedModel",
    "MetadataReading",
    "ModelFamily",
    "ModelPatch",
    "NoiseSchedule",
    "PassContext",
    "PassStarter",
    "PixelUpscale",
    "PlanInfo",
    "Preconditioning",
    "Run",
    "RunImage",
    "SampleFunction",
    "Sampler",
    "SamplerOptions",
    "SamplerStep",
    "SamplingTask",
    "ScheduleFunction",
    "ScheduleTask",
    "Scratch",
    "SettingsSection",
    "StepNoise",
    "Upscaler",
    "User",
    "WeightsCache",
    "WorkingTask",
    "LayerEdit",
    "NetworkType",
    "LayerWeights",
    "WeightEdits",
]
