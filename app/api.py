"""The public surface for extensions: everything of the host that they may import."""

from __future__ import annotations

from app.contracts import (
    Attention,
    AttentionFunction,
    Choices,
    Conditioning,
    ConditioningPart,
    ConditioningStep,
    ControlAction,
    Credentials,
    DenoiseListener,
    Denoiser,
    DenoiseState,
    DeviceFacts,
    EncodeOptions,
    Executor,
    ExecutorSink,
    GuidanceEditor,
    GuidedPrediction,
    ImageConditioning,
    IntervalNoise,
    JobControl,
    JobKind,
    LatentUpscale,
    LoadedModel,
    LoadOptions,
    MetadataReading,
    ModelFamily,
    ModelPatch,
    NoiseSchedule,
    PassContext,
    PassStarter,
    PixelUpscale,
    PlanInfo,
    Preconditioning,
    Run,
    RunImage,
    SampleFunction,
    Sampler,
    SamplerOptions,
    SamplerStep,
    SamplingTask,
    ScheduleFunction,
    ScheduleTask,
    Scratch,
    SettingsSection,
    StepNoise,
    Upscaler,
    User,
    WeightsCache,
    WorkingTask,
)
from app.errors import JobStopped, ModelFileError, NotFoundError, PaintboxError, UserError
from app.extension_report import ExtensionReport, ExtensionState
from app.files import write_atomically
from app.generation.attention_choice import choose_attention
from app.generation.checkpoint_choice import plan_checkpoint
from app.generation.for_extensions import draw_request, seed_noise
from app.generation.images.metadata import EXIF_USER_COMMENT, GIF_COMMENT, INFOTEXT
from app.generation.images.reading import OpenedImage, open_image
from app.generation.images.understanding import understand_metadata
from app.generation.images.upscaling import upscale_by, upscale_to
from app.generation.infotext.build import format_infotext
from app.generation.infotext.parse import parse as parse_infotext
from app.generation.latent_pictures import decode_pictures, encode_pictures
from app.generation.plan import sampler_eta
from app.generation.plan_names import resolve_sampler, resolve_schedule, split_sampler
from app.generation.preload import load_checkpoint
from app.generation.prompt.attention import parse_attention
from app.generation.prompt.chunks import ChunkOptions, EmbeddingFix, PromptChunk, PromptChunks, chunk_prompt, empty_chunk
from app.generation.prompt.count import count_prompt_tokens
from app.generation.prompt.emphasis import EMPHASIS_MODES, apply_emphasis, insert_embeddings
from app.generation.prompt.tags import NetworkStrength, network_strength, single_strength, take_tags
from app.generation.prompt.tokenizer import ClipTokenizer
from app.generation.save_copy import CopySaver, SavedCopy
from app.hooks import ExtensionError, Failure
from app.hookspecs import hookimpl
from app.host import Host
from app.inputs import InputImage, InputStore
from app.jobs.wire import ControlJob, Quit, RunJob, decode_event, encode_line
from app.paths import Paths
from app.registry import Registry
from app.settings import Settings
from app.settings_option import Option
from app.stash import Stash, StashKey
from app.values.base import Json, Value
from app.values.events import (
    Event,
    Fact,
    JobCancelled,
    JobDone,
    JobEvent,
    JobFailed,
    JobImage,
    JobPreview,
    JobProgress,
    JobQueued,
    JobStarted,
    WorkerStatus,
    event_adapter,
)
from app.values.job import Job, JobResult, JobState, SavedImage
from app.values.model import LoadChoice, ModelFolder, ModelHeader, ModelIdentity, ModelRecord, PredictionType, TensorInfo
from app.values.options import StartOptions
from app.values.owned import Owned
from app.values.params import Params, field_extra
from app.values.plan import GenerationPlan, ImagePlan, ModelSwitch, PassPlan, PlannedCheckpoint, SamplingOptions
from app.values.prompt import PromptTag
from app.values.request import GenerationRequest, RandomSeed
from app.values.snapshot import JobSnapshot
from app.values.ui import Asset, Form, JobResultParts, Page, PageSlot, Panel, Tab
from app.version import HOST_VERSION
from app.weights.headers import read_header
from app.weights.tensors import load_tensors

__all__ = [
    "Asset",
    "Attention",
    "AttentionFunction",
    "Choices",
    "ChunkOptions",
    "ClipTokenizer",
    "Conditioning",
    "ConditioningPart",
    "ConditioningStep",
    "ControlAction",
    "ControlJob",
    "CopySaver",
    "Credentials",
    "DenoiseListener",
    "DenoiseState",
    "Denoiser",
    "DeviceFacts",
    "EMPHASIS_MODES",
    "EXIF_USER_COMMENT",
    "EmbeddingFix",
    "EncodeOptions",
    "Event",
    "Executor",
    "ExecutorSink",
    "ExtensionError",
    "ExtensionReport",
    "ExtensionState",
    "Fact",
    "Failure",
    "Form",
    "GIF_COMMENT",
    "GenerationPlan",
    "GenerationRequest",
    "GuidanceEditor",
    "GuidedPrediction",
    "HOST_VERSION",
    "Host",
    "INFOTEXT",
    "ImageConditioning",
    "ImagePlan",
    "InputImage",
    "InputStore",
    "IntervalNoise",
    "Job",
    "JobCancelled",
    "JobControl",
    "JobDone",
    "JobEvent",
    "JobFailed",
    "JobImage",
    "JobKind",
    "JobPreview",
    "JobProgress",
    "JobQueued",
    "JobResult",
    "JobResultParts",
    "JobSnapshot",
    "JobStarted",
    "JobState",
    "JobStopped",
    "Json",
    "LatentUpscale",
    "LoadChoice",
    "LoadOptions",
    "LoadedModel",
    "MetadataReading",
    "ModelFamily",
    "ModelFileError",
    "ModelFolder",
    "ModelHeader",
    "ModelIdentity",
    "ModelPatch",
    "ModelRecord",
    "ModelSwitch",
    "NetworkStrength",
    "NoiseSchedule",
    "NotFoundError",
    "OpenedImage",
    "Option",
    "Owned",
    "Page",
    "PageSlot",
    "PaintboxError",
    "Panel",
    "Params",
    "PassContext",
    "PassPlan",
    "PassStarter",
    "Paths",
    "PixelUpscale",
    "PlanInfo",
    "PlannedCheckpoint",
    "Preconditioning",
    "PredictionType",
    "PromptChunk",
    "PromptChunks",
    "PromptTag",
    "Quit",
    "RandomSeed",
    "Registry",
    "Run",
    "RunImage",
    "RunJob",
    "SampleFunction",
    "Sampler",
    "SamplerOptions",
    "SamplerStep",
    "SamplingOptions",
    "SamplingTask",
    "SavedCopy",
    "SavedImage",
    "ScheduleFunction",
    "ScheduleTask",
    "Scratch",
    "Settings",
    "SettingsSection",
    "StartOptions",
    "Stash",
    "StashKey",
    "StepNoise",
    "Tab",
    "TensorInfo",
    "Upscaler",
    "User",
    "UserError",
    "Value",
    "WeightsCache",
    "WorkerStatus",
    "WorkingTask",
    "apply_emphasis",
    "choose_attention",
    "chunk_prompt",
    "count_prompt_tokens",
    "decode_event",
    "decode_pictures",
    "draw_request",
    "empty_chunk",
    "encode_line",
    "encode_pictures",
    "event_adapter",
    "field_extra",
    "format_infotext",
    "hookimpl",
    "insert_embeddings",
    "load_checkpoint",
    "load_tensors",
    "network_strength",
    "open_image",
    "parse_attention",
    "parse_infotext",
    "plan_checkpoint",
    "read_header",
    "resolve_sampler",
    "resolve_schedule",
    "sampler_eta",
    "seed_noise",
    "single_strength",
    "split_sampler",
    "take_tags",
    "understand_metadata",
    "upscale_by",
    "upscale_to",
    "write_atomically",
]
