"""The public surface for extensions: everything of the host that they may import."""

from __future__ import annotations

from app.contracts import (
    Attention,
    AttentionFunction,
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
    LayerEdit,
    LayerWeights,
    LoadedModel,
    LoadOptions,
    MetadataReading,
    ModelFamily,
    ModelPatch,
    NetworkType,
    NoiseSchedule,
    Offload,
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
    TextEmbedding,
    Upscaler,
    User,
    WeightEdits,
    WeightsCache,
    WorkingPrecision,
    WorkingTask,
)
from app.errors import JobStopped, ModelFileError, NotFoundError, PaintboxError, UserError
from app.extension_report import ExtensionReport, ExtensionState
from app.files import write_atomically
from app.generation.alphas import zero_terminal_snr
from app.generation.attention_choice import choose_attention
from app.generation.checkpoint_choice import plan_checkpoint
from app.generation.for_extensions import draw_request, picture_checksum, save_beside, seed_noise
from app.generation.images.metadata import EXIF_USER_COMMENT, GIF_COMMENT, INFOTEXT
from app.generation.images.reading import OpenedImage, open_image
from app.generation.images.understanding import understand_metadata
from app.generation.images.upscaling import upscale_by, upscale_to
from app.generation.infotext.build import format_infotext
from app.generation.infotext.parse import parse as parse_infotext
from app.generation.latent_pictures import decode_pictures, encode_pictures, encode_pixels
from app.generation.plan import sampler_eta
from app.generation.plan_names import resolve_sampler, resolve_schedule, shown_samplers, split_sampler
from app.generation.preload import load_checkpoint
from app.generation.prompt.attention import parse_attention
from app.generation.prompt.chunks import ChunkOptions, EmbeddingFix, PromptChunk, PromptChunks, chunk_prompt, empty_chunk
from app.generation.prompt.count import count_prompt_tokens
from app.generation.prompt.emphasis import EMPHASIS_MODES, apply_emphasis, insert_embeddings
from app.generation.prompt.tags import NetworkStrength, network_strength, single_strength, take_tags
from app.generation.prompt.tokenizer import ClipTokenizer
from app.generation.save_copy import CopySaver, SavedCopy
from app.hooks import ExtensionError, Failure
from app.hookspecs import hookimpl, hookspec
from app.host import Host
from app.inputs import InputImage, InputStore
from app.jobs.wire import ControlJob, Quit, RunJob, decode_event, encode_line
from app.memory import is_out_of_memory
from app.paths import Paths
from app.registry import Registry
from app.settings import Settings
from app.settings_option import Option
from app.stash import Stash, StashKey
from app.values.base import Json, Value, pick, short_number
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
from app.values.networks import CardText, NetworkUse, UserMetadata
from app.values.options import StartOptions
from app.values.owned import Owned
from app.values.params import Params, field_extra
from app.values.plan import GenerationPlan, ImagePlan, ModelSwitch, PassPlan, PlannedCheckpoint, SamplingOptions
from app.values.prompt import PromptTag
from app.values.request import GenerationRequest, RandomSeed
from app.values.snapshot import JobSnapshot
from app.values.ui import Asset, Form, JobResultParts, Page, PageSlot, Panel, ShownPicture, Tab
from app.version import HOST_VERSION
from app.weights.hashing import hash_file
from app.weights.headers import read_header
from app.weights.tensors import load_tensors

__all__ = [
    "Asset",
    "Attention",
    "AttentionFunction",
    "CardText",
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
    "LayerEdit",
    "LayerWeights",
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
    "NetworkType",
    "NetworkUse",
    "NoiseSchedule",
    "NotFoundError",
    "Offload",
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
    "ShownPicture",
    "StartOptions",
    "Stash",
    "StashKey",
    "StepNoise",
    "Tab",
    "TensorInfo",
    "TextEmbedding",
    "Upscaler",
    "User",
    "UserMetadata",
    "UserError",
    "Value",
    "WeightEdits",
    "WeightsCache",
    "WorkerStatus",
    "WorkingPrecision",
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
    "encode_pixels",
    "event_adapter",
    "field_extra",
    "format_infotext",
    "hash_file",
    "hookimpl",
    "hookspec",
    "insert_embeddings",
    "is_out_of_memory",
    "load_checkpoint",
    "load_tensors",
    "network_strength",
    "open_image",
    "parse_attention",
    "parse_infotext",
    "pick",
    "picture_checksum",
    "plan_checkpoint",
    "read_header",
    "resolve_sampler",
    "resolve_schedule",
    "sampler_eta",
    "save_beside",
    "seed_noise",
    "short_number",
    "shown_samplers",
    "single_strength",
    "split_sampler",
    "take_tags",
    "understand_metadata",
    "upscale_by",
    "upscale_to",
    "write_atomically",
    "zero_terminal_snr",
]
