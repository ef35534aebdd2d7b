"""Protocols and small carriers that extensions fulfil or receive; no torch at import time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from pydantic import BaseModel

from app.stash import Stash
from app.values.base import Json
from app.values.events import Event
from app.values.job import Job, JobResult
from app.values.model import ModelHeader, ModelIdentity, ModelRecord, PredictionType
from app.values.plan import GenerationPlan, ImagePlan, PassPlan, PlannedCheckpoint
from app.values.prompt import PromptTag

if TYPE_CHECKING:
    import torch
    from PIL import Image
    from torch import Tensor

ControlAction = Literal["interrupt", "skip", "stop_after_batch", "cancel"]


# --- sampling -------------------------------------------------------------------------------------------------------


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


# --- upscaling ------------------------------------------------------------------------------------------------------

LatentUpscale = Callable[["Tensor", tuple[int, int]], "Tensor"]
"""Latents (B, C, h, w) and a size (h, w) in latent pixels -> latents of that size."""

PixelUpscale = Callable[["Image.Image", float, "Run"], "Image.Image"]
"""A picture and the wanted factor -> a larger picture; the factor may be missed (networks have one of their own)."""


@dataclass(frozen=True)
class Upscaler:
    """An upscaler as listed to users; exactly one of ``latent`` and ``pixel`` imports its function (that is where torch comes in).

    ``scale`` is the factor that a network was made for, ``model_path`` its file; both are facts for lists.
    """

    name: str
    latent: Callable[[], LatentUpscale] | None = None
    pixel: Callable[[], PixelUpscale] | None = None
    order: int = 0
    scale: float = 4
    model_name: str | None = None
    model_path: str | None = None

    @property
    def space(self) -> Literal["latent", "pixel"]:
        """What it enlarges."""
        return "pixel" if self.latent is None else "latent"


# --- attention ------------------------------------------------------------------------------------------------------

AttentionFunction = Callable[["Tensor", "Tensor", "Tensor", "Tensor | None"], "Tensor"]
"""softmax(q k' / sqrt(D) + mask) v: q (B, H, N, D), k (B, H, M, D), v (B, H, M, E), mask or None -> (B, H, N, E) in q's format.

The mask can be broadcast to (B, H, N, M): True, or a number that is added to the score, shows a key; each row shows at least one.
"""


@dataclass(frozen=True)
class Attention:
    """A way to compute attention as listed to users; ``load`` imports its function (that is where torch comes in).

    ``supports`` says whether it runs on a device ("cpu", "cuda:0"). ``flags`` are the command-line flags, without dashes, that prefer
    it over the automatic choice.
    """

    name: str
    title: str
    load: Callable[[], AttentionFunction]
    supports: Callable[[str], bool] = lambda device: True
    aliases: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    order: int = 0


@dataclass(frozen=True)
class DeviceFacts:
    """What was measured on a device: whether products in bfloat16 are faster than in float32, whether convolutions are with channels
    last, and the name of the fastest attention in half precision ("": not measured)."""

    fast_bfloat16: bool
    channels_last: bool
    attention: str = ""


# --- models ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Conditioning:
    """One encoded prompt: ``context`` (tokens, width); ``pooled`` (width,) and ``extra`` tensors for families that want them."""

    context: Tensor
    pooled: Tensor | None = None
    extra: Mapping[str, Tensor] = field(default_factory=dict)


@dataclass(frozen=True)
class ConditioningStep:
    """A prompt variant that is used while the 0-based model call index is <= ``end_at_step``."""

    end_at_step: int
    conditioning: Conditioning


@dataclass(frozen=True)
class ConditioningPart:
    """One AND-part of a prompt with its weight; ``steps`` in order of their ends."""

    weight: float
    steps: tuple[ConditioningStep, ...]


@dataclass(frozen=True)
class ImageConditioning:
    """Everything that guides one picture: positive parts and the negative prompt's variants."""

    positive: tuple[ConditioningPart, ...]
    negative: tuple[ConditioningStep, ...]


@dataclass(frozen=True)
class EncodeOptions:
    """How prompts become conditioning; sizes are needed by families that condition on them.

    ``settings``: keys and values of the settings that the families have named as theirs (``encoding_settings``), sorted by key.
    """

    clip_skip: int = 1
    emphasis: str = "Original"
    comma_padding_backtrack: int = 20
    width_px: int = 512
    height_px: int = 512
    negative: bool = False
    settings: tuple[tuple[str, Json], ...] = ()


@dataclass(frozen=True)
class LoadOptions:
    """How a checkpoint is brought to a device; ``report`` takes 0..1 and a few words for the user.

    ``learn`` takes what only the loaded weights could tell, by the names of ModelIdentity's fields ("prediction_type",
    "native_size_px"): it is remembered of this state of the file, and the identity of its next record has it. ``measured`` tells what
    the device does well, and may take seconds the first time; None: nobody knows. ``prediction_type`` and ``zero_terminal_snr`` are
    the user's choice; None: by the file.
    """

    device: str
    precision: str = "auto"
    vae_precision: str = "auto"
    prediction_type: PredictionType | None = None
    zero_terminal_snr: bool | None = None
    report: Callable[[float, str], None] = lambda fraction, text: None
    learn: Callable[[str, Json], None] = lambda name, value: None
    measured: Callable[[], DeviceFacts | None] = lambda: None


WorkingTask = Literal["predict", "decode", "decode_in_parts"]
Scratch = Callable[[tuple[int, ...], "torch.dtype"], "Tensor"]
"""Gives room for an intermediate tensor of a shape and number format; what lies in it before is anything."""


class LoadedModel(Protocol):
    """A checkpoint in memory, ready to draw."""

    identity: ModelIdentity
    prediction_type: PredictionType
    device: torch.device
    latent_channels: int
    downscale: int
    native_size_px: int
    latent_scale: float
    """Latents in sampling scale are the VAE's own times this."""

    @property
    def dtype(self) -> torch.dtype:
        """The number format that it predicts in now."""
        ...

    @property
    def memory_bytes(self) -> int:
        """Bytes of all its weights."""
        ...

    @property
    def alphas_cumprod(self) -> Tensor:
        """(1000,) float32 on the CPU."""
        ...

    def encode_prompts(self, prompts: Sequence[str], options: EncodeOptions) -> list[Conditioning]:
        """Encode plain prompts (attention grammar allowed, no scheduling) as one batch, like A1111's.

        All are padded to one length, and emphasis keeps the mean of the whole batch, in which a prompt counts as often as it is listed.
        """
        ...

    def predict(self, x: Tensor, timesteps: Tensor, conditioning: Sequence[Conditioning]) -> Tensor:
        """Raw model output (B, C, H, W) for scaled input ``x``, fractional ``timesteps`` (B,) and B conditionings of one length."""
        ...

    def decode(self, latents: Tensor) -> Tensor:
        """Latents (B, C, h, w) as sampled -> pixels (B, 3, H, W), float32 in 0..1 on the CPU."""
        ...

    def decode_in_parts(self, latents: Tensor, scratch: Scratch, on_part: Callable[[], None]) -> Tensor:
        """As ``decode``, in less memory; large tensors go into ``scratch``. ``on_part`` is called between parts, and may raise."""
        ...

    def working_bytes(self, task: WorkingTask, width_px: int, height_px: int) -> int:
        """An estimate of the memory, beside the weights, that ``task`` takes for one row or picture of this size."""
        ...

    def lift_precision(self, task: WorkingTask) -> bool:
        """Do ``task`` in float32 from here on; False when it is so already."""
        ...

    def encode_images(self, pixels: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Pixels (B, 3, H, W) in 0..1 -> latents (B, C, h, w) in sampling scale (posterior mean without a generator)."""
        ...

    def modules(self) -> Mapping[str, torch.nn.Module]:
        """The parts by name ("unet", "vae", "text_encoder" ...), for patches."""
        ...


class ModelFamily(Protocol):
    """Loads checkpoints of one family; listed in the web process too, so torch is imported inside ``load`` only."""

    id: str
    title: str
    kind: str
    native_size_px: int
    encoding_settings: tuple[str, ...]
    """Keys of the settings, with plain values, that the encoding of prompts depends on; see ``EncodeOptions.settings``."""

    def load(self, record: ModelRecord, header: ModelHeader, options: LoadOptions) -> LoadedModel:
        """Load the file; raises ModelFileError that names the file and the reason, and never half-loads."""
        ...

    def count_tokens(self, prompt: str, options: EncodeOptions | None = None) -> tuple[int, int]:
        """(used, limit) of a plain prompt, as the token counter shows them; no torch, and no errors whatever the text."""
        ...


# --- a running job ----------------------------------------------------------------------------------------------------


class JobControl(Protocol):
    """Asked by long work whether it should go on."""

    def check(self) -> None:
        """Raise JobStopped when somebody asked for it."""
        ...

    @property
    def stop_after_batch(self) -> bool:
        """True when the running batch should be the last."""
        ...


class WeightsCache(Protocol):
    """Loaded checkpoints of a worker."""

    def pin(self, path: str, options: LoadOptions) -> AbstractContextManager[LoadedModel]:
        """Load (or find) the model and keep it until the context ends."""
        ...


class Run(Protocol):
    """The only context that a job sees, in a worker process; ``stash`` holds what extensions keep for the length of the job."""

    job: Job
    host: Any
    stash: Stash
    settings: Mapping[str, Json]
    weights: WeightsCache
    control: JobControl
    device: str

    def report(self, event: Event) -> None:
        """Send an event to the web process."""
        ...

    def comment(self, text: str) -> None:
        """Add a warning to the job's result, once."""
        ...

    def tell(self, text: str, fraction: float = 0.0) -> None:
        """Report what is being done."""
        ...


class ModelPatch(Protocol):
    """A temporary change of a loaded model; its exit restores the weights bit-equal, also after an error."""

    key: str
    """Patches with an equal key are the same change: kept applied while the next plan asks for the same set."""

    def apply(self, model: LoadedModel) -> AbstractContextManager[None]:
        """Change the model for the length of the context."""
        ...


@dataclass(frozen=True)
class PassContext:
    """One pass over one batch: pass ``index`` of the plan, with the pictures that are drawn together and the model that draws them.

    ``images`` carry the prompts of this pass as they were written; ``checkpoint`` is the model's: that of the pass, or the one that
    took over in it. ``tags`` are those of the first picture's prompt, in order: they count for all pictures of the batch.
    """

    plan: GenerationPlan
    index: int
    images: tuple[ImagePlan, ...]
    checkpoint: PlannedCheckpoint
    model: LoadedModel
    tags: tuple[PromptTag, ...] = ()

    @property
    def step(self) -> PassPlan:
        """How this pass goes."""
        return self.plan.passes[self.index]

    @property
    def latent_shape(self) -> tuple[int, int, int]:
        """Shape (C, h, w) of one picture's latent."""
        scale = self.model.downscale
        return self.model.latent_channels, self.step.height_px // scale, self.step.width_px // scale


class PassStarter(Protocol):
    """Gives a pass the latents that it begins with."""

    def leave(self, latents: Tensor, context: PassContext) -> Tensor | Sequence[Image.Image]:
        """Take the latents (B, C, h, w) of the pass before, ``context``, while its model is still there."""
        ...

    def enter(self, carried: Tensor | Sequence[Image.Image] | None, context: PassContext) -> Tensor:
        """Clean latents (B, C, h, w) in sampling scale for the pass ``context``; ``carried`` is what ``leave`` returned, None at first."""
        ...


@dataclass(frozen=True)
class DenoiseState:
    """What listeners see of a pass: ``call_index`` counts model calls from 0, ``step`` sampler steps; ``level``: sigma of the call.

    In ``space`` "sigma" the model is shown x = x0 + sigma * noise, in "timestep" sqrt(a) * x0 + sqrt(1 - a) * noise.
    """

    step: int
    steps: int
    call_index: int
    level: float
    pass_index: int = 0
    pass_count: int = 1
    space: Literal["sigma", "timestep"] = "sigma"


class DenoiseListener(Protocol):
    """Follows one sampling pass; every method may return its tensor unchanged."""

    def begin(self, latents: Tensor, state: DenoiseState) -> None:
        """Called once before the first model call with the noised start (B, C, H, W)."""
        ...

    def before_model(self, x: Tensor, state: DenoiseState) -> Tensor:
        """Change what the model is shown."""
        ...

    def after_model(self, denoised: Tensor, state: DenoiseState) -> Tensor:
        """Change the guided prediction D(x, sigma)."""
        ...

    def after_step(self, denoised: Tensor, state: DenoiseState) -> None:
        """Told after each sampler step, with the newest prediction."""
        ...

    def end(self, latents: Tensor) -> Tensor:
        """Change the finished latents."""
        ...


class GuidanceEditor(Protocol):
    """Changes the guided prediction at the calls that have a negative prompt."""

    def __call__(self, prediction: GuidedPrediction, state: DenoiseState) -> Tensor:
        """The prediction (B, C, H, W) to go on with."""
        ...


@dataclass(frozen=True)
class RunImage:
    """A decoded picture on its way to the disk; ``index`` is its ImagePlan's.

    One with an ``ending`` ("-mask", "-before-highres-fix") goes beside the picture of that index: its file's name ends so, it is
    saved if ``keep``, and part of the result if ``shown``. The others are both.
    """

    index: int
    image: Image.Image
    ending: str = ""
    keep: bool = True
    shown: bool = True


@dataclass(frozen=True)
class JobKind:
    """A kind of job: ``model`` validates the request, ``run`` does the work in a worker.

    ``check`` is called in the web process before the job is queued, and raises UserError for what can be seen there.
    """

    id: str
    title: str
    model: type[BaseModel]
    run: Callable[[Run, BaseModel], JobResult]
    check: Callable[[BaseModel], None] = lambda request: None


class ExecutorSink(Protocol):
    """Where an executor reports to."""

    def __call__(self, event: Event) -> None:
        """Take one event; callable from any thread."""
        ...


class Executor(Protocol):
    """Runs jobs on worker processes; created in the web process, so it must not import torch."""

    id: str

    def start(self, sink: ExecutorSink) -> None:
        """Start the workers; returns at once, readiness is told by WorkerStatus events."""
        ...

    def submit(self, job: Job) -> None:
        """Give a worker this job; called only while ``free_slots`` > 0."""
        ...

    def control(self, job_id: str, action: ControlAction) -> None:
        """Pass a wish to the job's worker; a worker that does not answer a cancel in time is killed."""
        ...

    @property
    def free_slots(self) -> int:
        """How many jobs it would take now."""
        ...

    def close(self) -> None:
        """End all workers; no process is left behind."""
        ...


@dataclass(frozen=True)
class User:
    """Who asks; ``name`` "" is the local user of an installation without accounts."""

    name: str = ""


@dataclass(frozen=True)
class Credentials:
    """What a request brought: user name and password as typed (HTTP Basic or the login form)."""

    username: str
    password: str
    realm: Literal["page", "api"]


@dataclass(frozen=True)
class SettingsSection:
    """A section of settings: ``model`` is a frozen pydantic model whose fields are the options (their names are A1111's keys)."""

    id: str
    title: str
    model: type[BaseModel]


@dataclass(frozen=True)
class MetadataReading:
    """An image's or text's metadata understood: ``infotext`` in A1111's form, ``software`` that wrote it, what could not be read."""

    infotext: str
    software: str = ""
    unread: tuple[str, ...] = ()


PlanInfo = Mapping[str, "str | int | float | None"]
