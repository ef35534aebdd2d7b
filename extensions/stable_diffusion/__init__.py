"""Stable Diffusion 1.x, 2.x and XL: recognises their checkpoints and loads them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.api import ModelFolder, ModelPatch, PassContext, PlanInfo, Run, SettingsSection, choose_attention, hookimpl
from extensions.stable_diffusion.params import UPCAST, AttentionSettings, ClipLSettings, SdxlSettings, encoding_items

if TYPE_CHECKING:
    from app.api import GenerationPlan, Host, ImagePlan, ModelFamily, ModelHeader, ModelIdentity


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """What decides the encoding of prompts beside the host's own settings."""
    return (
        SettingsSection("sd", "Stable Diffusion", ClipLSettings),
        SettingsSection("sd", "Stable Diffusion", AttentionSettings),
        SettingsSection("sdxl", "Stable Diffusion XL", SdxlSettings),
    )


@hookimpl
def register_model_folders(host: Host) -> Iterable[ModelFolder]:
    """The folder of checkpoints."""
    return (
        ModelFolder(
            kind="checkpoint",
            title="Stable Diffusion checkpoint",
            default="Stable-diffusion",
            suffixes=(".safetensors", ".ckpt"),
            flag="ckpt-dir",
            file_flag="ckpt",
            comfy_names=("checkpoints",),
            without=(".vae.safetensors", ".vae.ckpt"),
        ),
    )


@hookimpl
def identify_model(header: ModelHeader, host: Host) -> ModelIdentity | None:
    """Say which member of the families a checkpoint is."""
    from .identify import identify

    return identify(header)


@hookimpl
def register_model_families(host: Host) -> Iterable[ModelFamily]:
    """SD1, SD2, SDXL and the SDXL refiner."""
    from .family import make_families

    return make_families(host.options.flag)


@hookimpl
def patch_model(context: PassContext, run: Run) -> Iterable[ModelPatch]:
    """The attention that fits the device, the number format and the user's wish."""
    from .attention import AttentionPatch
    from .model import StableDiffusionModel

    if not isinstance(context.model, StableDiffusionModel):
        return ()
    attention, upcast = choose_attention(context.model, run), bool(run.settings.get(UPCAST)) and not context.model.works_exactly
    return (AttentionPatch(attention, upcast=upcast),) if attention or upcast else ()


@hookimpl
def describe_image(image: ImagePlan, plan: GenerationPlan, run: Run) -> PlanInfo:
    """What was changed of SDXL's encoding of prompts."""
    return encoding_items(plan)
