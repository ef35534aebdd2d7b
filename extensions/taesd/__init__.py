"""Small decoders: TAESD for previews, and for pictures where speed counts, and A1111's Approx NN for previews."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.api import (
    GenerationPlan,
    GenerationRequest,
    ImagePlan,
    LoadedModel,
    ModelFolder,
    PassContext,
    PlanInfo,
    Run,
    SettingsSection,
    hookimpl,
)
from extensions.live_preview.api import PreviewMethod, ToPixels
from extensions.taesd.settings import TAESD, TaesdSettings

if TYPE_CHECKING:
    from torch import Tensor

    from app.api import Host


@hookimpl
def register_model_folders(host: Host) -> Iterable[ModelFolder]:
    """Where the files lie: TAESD, and Approx NN."""
    from extensions.taesd.files import FOLDER_KIND

    suffixes = (".pth", ".pt", ".bin", ".safetensors")
    return [ModelFolder(FOLDER_KIND, "Small decoders", "VAE-taesd", suffixes, comfy_names=("vae_approx",), further=("VAE-approx",))]


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """In A1111's section."""
    return [SettingsSection("vae", "VAE", TaesdSettings)]


@hookimpl
def register_preview_methods(host: Host) -> Iterable[PreviewMethod]:
    """For previews."""

    def taesd(context: PassContext, run: Run) -> ToPixels:
        from extensions.taesd.use import preview_pixels

        return preview_pixels(context, run)

    def approx_nn(context: PassContext, run: Run) -> ToPixels:
        from extensions.taesd.approx_nn import approx_pixels

        return approx_pixels(context, run)

    return [PreviewMethod("Approx NN", approx_nn), PreviewMethod(TAESD, taesd)]


@hookimpl(trylast=True)
def edit_plan(plan: GenerationPlan, request: GenerationRequest, run: Run) -> GenerationPlan:
    """Say that a file is missing before the picture is drawn, not after."""
    if run.settings.get("sd_vae_decode_method") == TAESD:
        from extensions.taesd.files import find_file

        last = plan.passes[-1]
        find_file("decoder", (last.switch.checkpoint if last.switch else last.checkpoint).family, run.host)
    return plan


@hookimpl
def decode_latents(latents: Tensor, model: LoadedModel, run: Run) -> Tensor | None:
    """In place of the VAE, where the setting says so."""
    if run.settings.get("sd_vae_decode_method") != TAESD:
        return None
    from extensions.taesd.use import decoded

    return decoded(latents, model, run.host)


@hookimpl
def encode_pixels(pixels: Tensor, model: LoadedModel, run: Run) -> Tensor | None:
    """In place of the VAE, where the setting says so."""
    if run.settings.get("sd_vae_encode_method") != TAESD:
        return None
    from extensions.taesd.use import encoded

    return encoded(pixels, model, run)


@hookimpl
def describe_image(image: ImagePlan, plan: GenerationPlan, run: Run) -> PlanInfo:
    """``VAE Encoder`` of pictures that began with an encoded one, and ``VAE Decoder``."""
    from extensions.taesd.use import ENCODED

    return {
        "VAE Encoder": TAESD if run.stash.get(ENCODED, False) else None,
        "VAE Decoder": TAESD if run.settings.get("sd_vae_decode_method") == TAESD else None,
    }


@hookimpl
def register_texts(host: Host) -> Iterable[str]:
    """The way to make previews."""
    return ("Approx NN",)
