"""Textual inversion: words of prompts that stand for trained vectors (Gal et al. 2022, arXiv:2208.01618)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from app.api import (
    NOTHING_WRITTEN,
    CardText,
    GenerationPlan,
    ImagePlan,
    ModelFolder,
    ModelPatch,
    ModelRecord,
    NetworkType,
    PassContext,
    PlanInfo,
    Run,
    SettingsSection,
    UserMetadata,
    hookimpl,
)
from extensions.textual_inversion.settings import TextualInversionSettings

if TYPE_CHECKING:
    from app.api import Host, ModelHeader, ModelIdentity

SUFFIXES = (".pt", ".safetensors", ".bin", ".png", ".webp")


@hookimpl
def register_model_folders(host: Host) -> Iterable[ModelFolder]:
    """``embeddings`` beside ``models``."""
    return [
        ModelFolder(
            "embeddings",
            "Embeddings",
            "embeddings",
            SUFFIXES,
            flag="embeddings-dir",
            comfy_names=("embeddings",),
            holds=("embedding",),
            in_models=False,
        )
    ]


@hookimpl(tryfirst=True)
def identify_model(header: ModelHeader, host: Host) -> ModelIdentity | None:
    """An embedding, whatever folder it lies in."""
    from extensions.textual_inversion.identify import identify

    return identify(header)


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """In A1111's section."""
    return [SettingsSection("extra_networks", "Extra Networks", TextualInversionSettings)]


@hookimpl
def register_network_types(host: Host) -> Iterable[NetworkType]:
    """The cards; a click puts the bare name into the prompt."""
    from extensions.textual_inversion.catalogue import listed_file, unfit_reason

    def insert(record: ModelRecord, user: UserMetadata) -> CardText:
        found = listed_file(record)
        name = found.name if found else record.stem
        return CardText(network=name, prompt=name)

    def unfit(record: ModelRecord, checkpoint: ModelIdentity | None, user: UserMetadata = NOTHING_WRITTEN) -> str:
        return unfit_reason(record, checkpoint, host)

    def is_one(record: ModelRecord) -> bool:
        return listed_file(record) is not None

    return [
        NetworkType(
            "textual_inversion",
            "Textual Inversion",
            "embeddings",
            insert=insert,
            unfit=unfit,
            order=10,
            is_one=is_one,
            follows_focus=True,
            preview_ending=".preview.png",
        )
    ]


@hookimpl
def count_embeddings(host: Host) -> Mapping[str, int]:
    """The words that work with the chosen checkpoint."""
    from extensions.textual_inversion.catalogue import counted_words

    return counted_words(host)


@hookimpl
def register_routes(host: Host) -> Iterable[Any]:
    """The list of embeddings, as API clients of A1111 read it."""
    from extensions.textual_inversion.routes import make_router

    return [make_router(host)]


@hookimpl
def patch_model(context: PassContext, run: Run) -> Iterable[ModelPatch]:
    """The words that the prompts of the pass use."""
    from extensions.textual_inversion.apply import word_patches

    return word_patches(context, run)


@hookimpl
def describe_image(image: ImagePlan, plan: GenerationPlan, run: Run) -> PlanInfo:
    """``TI hashes``."""
    if not run.settings.get("textual_inversion_add_hashes_to_infotext"):
        return {}
    from extensions.textual_inversion.hashes import ti_hashes

    return {"TI hashes": ti_hashes(image, plan, run)}
