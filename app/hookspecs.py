"""Every hook of Paintbox: typed, grouped and documented; docs/hooks.md is generated from this file.

Four call styles (see ``app.hooks``): *collect* (``register_*``), *first*, *fold* (``edit_*``) and *notify* (``on_*``). All hooks are
synchronous and quick; the work happens in what they return. ``host`` is the Host of the process that asks: ``host.role`` is "web" or
"worker".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import pluggy

from app.contracts import (
    Attention,
    Axis,
    Completion,
    Credentials,
    DenoiseListener,
    Executor,
    GuidanceEditor,
    ImageConditioning,
    JobKind,
    LoadedModel,
    MetadataReading,
    ModelFamily,
    ModelPatch,
    NetworkType,
    NoiseSchedule,
    PassContext,
    PassStarter,
    PlanInfo,
    Problem,
    Run,
    RunImage,
    Sampler,
    Script,
    SettingsSection,
    Upscaler,
    User,
    WeightEdits,
)
from app.registry import Listed
from app.values.job import SavedImage
from app.values.model import ModelFolder, ModelHeader, ModelIdentity
from app.values.page_control import PageControl
from app.values.params import Params
from app.values.plan import GenerationPlan, ImagePlan
from app.values.request import GenerationRequest
from app.values.ui import PageFiles, Panel, Tab

if TYPE_CHECKING:
    from torch import Tensor

    from app.host import Host

PROJECT = "paintbox"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


# --- host ---
@hookspec
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """Collect: sections of settings; they appear in config.json, in the options API and in the docs.

    The field names are the option keys (A1111's where it has one); title, description, limits and choices come from the model.
    """
    raise NotImplementedError


@hookspec
def lifespan(host: Host) -> Iterable[AbstractContextManager[None]]:
    """Collect: contexts entered in order when the host starts and left in reverse when it ends; open and close state here."""
    raise NotImplementedError


@hookspec
def register_executors(host: Host) -> Iterable[Executor]:
    """Collect (web): executors that run jobs on worker processes; the setting ``executor`` names the one in use."""
    raise NotImplementedError


@hookspec
def register_job_kinds(host: Host) -> Iterable[JobKind]:
    """Collect: kinds of jobs beside generation (loading a checkpoint, training, merging, downloads)."""
    raise NotImplementedError


@hookspec
def authenticate(credentials: Credentials, host: Host) -> User | None:
    """First (web): the user these credentials belong to, or None when they are not this extension's business or wrong."""
    raise NotImplementedError


@hookspec
def requires_login(realm: str, host: Host) -> bool | None:
    """First (web): True when ``realm`` ("page" or "api") must not be used without credentials; None to leave it to others."""
    raise NotImplementedError


@hookspec
def shape_problem(problem: Problem, host: Host) -> Problem | None:
    """First (web): an error answer as the clients of these routes know it, where their form is not A1111's; None for others' routes."""
    raise NotImplementedError


# --- models ---
@hookspec
def register_model_folders(host: Host) -> Iterable[ModelFolder]:
    """Collect: kinds of model folders: default place, file suffixes, command-line flag."""
    raise NotImplementedError


@hookspec
def identify_model(header: ModelHeader, host: Host) -> ModelIdentity | None:
    """First: say what a file is from its header alone; None when it is not yours. At most one extension may claim a file."""
    raise NotImplementedError


@hookspec
def register_model_families(host: Host) -> Iterable[ModelFamily]:
    """Collect: families that can load checkpoints."""
    raise NotImplementedError


@hookspec
def register_network_types(host: Host) -> Iterable[NetworkType]:
    """Collect: kinds of files that the page lists as cards, with the prompt tags that mean them (LoRAs, embeddings, checkpoints)."""
    raise NotImplementedError


# --- generation ---
@hookspec
def register_samplers(host: Host) -> Iterable[Sampler]:
    """Collect: samplers, listed in the page and the API by name."""
    raise NotImplementedError


@hookspec
def register_noise_schedules(host: Host) -> Iterable[NoiseSchedule]:
    """Collect: noise schedules ("schedule type")."""
    raise NotImplementedError


@hookspec
def register_upscalers(host: Host) -> Iterable[Upscaler | Listed[Upscaler]]:
    """Collect: upscalers of latents and of pictures, listed in the page and the API by name; ``Listed`` ones come and go with files."""
    raise NotImplementedError


@hookspec
def register_attention(host: Host) -> Iterable[Attention]:
    """Collect: ways to compute the networks' attention, chosen by the setting ``cross_attention_optimization``."""
    raise NotImplementedError


@hookspec
def register_scripts(host: Host) -> Iterable[Script]:
    """Collect: entries of the list "Script" below the forms; each turns a request into several, of one job.

    docs/scripts.md tells how to write one.
    """
    raise NotImplementedError


@hookspec
def register_axes(host: Host) -> Iterable[Axis]:
    """Collect: what plots can vary beside the fields of the request and of the Params models, which they find themselves."""
    raise NotImplementedError


@hookspec
def register_params(host: Host) -> Iterable[type[Params]]:
    """Collect: Params models that may ride in a request, keyed by their ``feature`` id."""
    raise NotImplementedError


@hookspec
def edit_request(request: GenerationRequest, run: Run) -> GenerationRequest:
    """Fold (worker): change the request before it is planned (styles, wildcards, random seeds)."""
    raise NotImplementedError


@hookspec
def edit_plan(plan: GenerationPlan, request: GenerationRequest, run: Run) -> GenerationPlan:
    """Fold, strict (worker): change what will happen: other sizes, a start from a picture, further passes, other checkpoints for them."""
    raise NotImplementedError


@hookspec
def patch_model(context: PassContext, run: Run) -> Iterable[ModelPatch]:
    """Collect, strict (worker): temporary changes of the model for this pass; applied in order, undone in reverse.

    They stay applied as long as the passes that follow ask for the same ones, by their keys, of the same model.
    """
    raise NotImplementedError


@hookspec
def edit_weights(context: PassContext, run: Run) -> Iterable[WeightEdits]:
    """Collect, strict (worker): lasting changes of layers' weights for this pass, one item a network, applied in order.

    They stay as long as the passes and jobs that follow ask for the same ones; what changes is computed from the file's own weights.
    """
    raise NotImplementedError


@hookspec
def start_pass(plan: GenerationPlan, index: int, images: Sequence[ImagePlan], run: Run) -> PassStarter | None:
    """First, strict (worker): who gives pass ``index`` of this batch the latents it begins with; None for noise, or for what there is."""
    raise NotImplementedError


@hookspec
def edit_conditioning(conditioning: Sequence[ImageConditioning], context: PassContext, run: Run) -> Sequence[ImageConditioning]:
    """Fold, strict (worker): change what guides the pictures of a batch, one entry each (masks of inpainting checkpoints, regions)."""
    raise NotImplementedError


@hookspec
def follow_denoising(context: PassContext, run: Run) -> Iterable[DenoiseListener]:
    """Collect, strict (worker): listeners for one sampling pass (previews, masks, ControlNet)."""
    raise NotImplementedError


@hookspec
def edit_guidance(context: PassContext, run: Run) -> Iterable[GuidanceEditor]:
    """Collect, strict (worker): changes of the guided prediction that need to know its positive and negative parts."""
    raise NotImplementedError


@hookspec
def decode_latents(latents: Tensor, model: LoadedModel, run: Run) -> Tensor | None:
    """First, strict (worker): pixels (1, 3, H, W) in 0..1, float32 on the CPU, of a latent (1, C, h, w); None for the model's own VAE."""
    raise NotImplementedError


@hookspec
def encode_pixels(pixels: Tensor, model: LoadedModel, run: Run) -> Tensor | None:
    """First, strict (worker): the latent (1, C, h, w) in sampling scale of pixels (1, 3, H, W) in 0..1; None for the model's own VAE."""
    raise NotImplementedError


@hookspec
def edit_images(images: Sequence[RunImage], plan: GenerationPlan, run: Run) -> Sequence[RunImage]:
    """Fold, strict (worker): change the decoded pictures of a batch before they are saved (overlays, faces, colours)."""
    raise NotImplementedError


@hookspec
def describe_image(image: ImagePlan, plan: GenerationPlan, run: Run) -> PlanInfo:
    """Collect, strict (worker): infotext items of a picture, key -> value; None leaves the key out."""
    raise NotImplementedError


@hookspec
def edit_infotext(items: PlanInfo, image: ImagePlan, plan: GenerationPlan, run: Run) -> PlanInfo:
    """Fold, strict (worker): the finished infotext items of a picture, in the order in which they will be written."""
    raise NotImplementedError


@hookspec
def on_image_saved(saved: SavedImage, host: Host) -> None:
    """Notify (worker): a picture was written."""
    raise NotImplementedError


@hookspec
def read_metadata(chunks: Mapping[str, str], host: Host) -> MetadataReading | None:
    """First: understand the text chunks of an image.

    They are the keys of PNG text, ``exif_user_comment``, other EXIF texts (``exif_make``, ``exif_model``, ``exif_software``,
    ``exif_image_description``, ``exif_maker_note``), ``gif_comment``, and ``image_size``: "WxH". Anybody may have written them.
    """
    raise NotImplementedError


# --- page ---
@hookspec
def register_tabs(host: Host) -> Iterable[Tab]:
    """Collect (web): top tabs of the page."""
    raise NotImplementedError


@hookspec
def register_panels(host: Host) -> Iterable[Panel]:
    """Collect (web): blocks in the page's slots."""
    raise NotImplementedError


@hookspec
def adjust_controls(controls: Sequence[PageControl], host: Host) -> Iterable[str]:
    """Collect (web): change what the controls of the page begin with and how far they go, before it is served.

    Returns sentences for the user about what could not be done.
    """
    raise NotImplementedError


@hookspec
def register_page_scripts(host: Host) -> Iterable[str]:
    """Collect (web): addresses below the server's root of scripts that the page loads first of all, as things are when it is built."""
    raise NotImplementedError


@hookspec
def edit_counted_prompt(prompt: str, negative: bool, styles: Sequence[str], host: Host) -> str:
    """Fold (web): the prompt as its tokens are counted for the user: changed as ``edit_request`` would change it with these styles."""
    raise NotImplementedError


@hookspec
def count_embeddings(host: Host) -> Mapping[str, int]:
    """Collect (web): words of prompts that stand for so many vectors each, for the token counter."""
    raise NotImplementedError


@hookspec
def list_completions(host: Host) -> Iterable[Completion]:
    """Collect (web): what can be completed while a prompt is typed, beside tags and the files of ``register_network_types``."""
    raise NotImplementedError


@hookspec
def register_routes(host: Host) -> Iterable[Any]:
    """Collect (web): ``fastapi.APIRouter`` objects; core authentication covers every route of theirs."""
    raise NotImplementedError


@hookspec
def register_assets(host: Host) -> Iterable[PageFiles]:
    """Collect (web): further scripts and styles for the page; an extension's own ``static`` folder needs no word.

    Asked whenever the page or one of these files is asked for, so that files can come and go while the program runs.
    """
    raise NotImplementedError
