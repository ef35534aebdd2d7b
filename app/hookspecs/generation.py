"""Hooks around the drawing of pictures, from the request to the saved file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from app.contracts import (
    Attention,
    Axis,
    DenoiseListener,
    GuidanceEditor,
    ImageConditioning,
    LoadedModel,
    MetadataReading,
    ModelPatch,
    NoiseSchedule,
    PassContext,
    PassStarter,
    PlanInfo,
    Run,
    RunImage,
    Sampler,
    Script,
    Upscaler,
    WeightEdits,
)
from app.hookspecs.markers import hookspec
from app.registry import Listed
from app.values.job import SavedImage
from app.values.params import Params
from app.values.plan import GenerationPlan, ImagePlan
from app.values.request import GenerationRequest

if TYPE_CHECKING:
    from torch import Tensor

    from app.host import Host


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
