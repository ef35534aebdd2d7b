"""Aesthetic gradients: the text encoder is tuned towards an embedding of pictures, for one request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from app.api import (
    GenerationPlan,
    ImageConditioning,
    ImagePlan,
    ModelFolder,
    Page,
    PageSlot,
    Panel,
    Params,
    PassContext,
    PlanInfo,
    Run,
    field_extra,
    hookimpl,
    short_number,
)
from extensions.aesthetic_gradients.params import FOLDER, AestheticParams

if TYPE_CHECKING:
    from app.api import Host

OLD_FOLDERS = ("stable-diffusion-webui-aesthetic-gradients", "aesthetic-gradients")
"""What A1111's extension is called on disk."""


@hookimpl
def register_model_folders(host: Host) -> Iterable[ModelFolder]:
    """Embeddings, and CLIP files for the text projection."""
    further = tuple(f"../extensions/{name}/aesthetic_embeddings" for name in OLD_FOLDERS)
    suffixes = (".pt", ".bin", ".safetensors")
    return [
        ModelFolder(FOLDER, "Aesthetic embeddings", "aesthetic_embeddings", suffixes, further=further),
        ModelFolder("text-encoder", "Text encoders", "CLIP", suffixes, comfy_names=("clip", "text_encoders")),
    ]


@hookimpl
def register_params(host: Host) -> Iterable[type[Params]]:
    """What rides in a request."""
    return [AestheticParams]


@hookimpl
def register_panels(host: Host) -> Iterable[Panel]:
    """The block in the form."""

    def build(page: Page) -> None:
        from extensions.aesthetic_gradients.panel import draw_block

        draw_block(page)

    return [Panel(id="aesthetic_gradients", slot=PageSlot.GENERATION, order=68, build=build)]


@hookimpl
def edit_conditioning(conditioning: Sequence[ImageConditioning], context: PassContext, run: Run) -> Sequence[ImageConditioning]:
    """Tune the encoder for each positive prompt, and mix what it says then."""
    params = AestheticParams.of(context.plan.params)
    if not params.is_on:
        return conditioning
    from extensions.aesthetic_gradients.apply import tuned

    return tuned(conditioning, params, context, run)


@hookimpl
def describe_image(image: ImagePlan, plan: GenerationPlan, run: Run) -> PlanInfo:
    """All of its parameters."""
    params = AestheticParams.of(plan.params)
    if not params.is_on:
        return {}
    labels = {name: str(field_extra(field)["infotext"]) for name, field in AestheticParams.model_fields.items()}
    return {label: _written(getattr(params, name)) for name, label in labels.items()}


def _written(value: bool | float | str) -> str | int | float | None:
    return (value or None) if isinstance(value, str) else str(value) if isinstance(value, bool) else short_number(value)
