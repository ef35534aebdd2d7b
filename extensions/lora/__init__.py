"""LoRA: files that change a checkpoint's layers, named in the prompt as ``<lora:name:1>``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from app.api import (
    CardText,
    GenerationPlan,
    GenerationRequest,
    ImagePlan,
    ModelFolder,
    ModelRecord,
    NetworkType,
    PassContext,
    PlanInfo,
    Run,
    SettingsSection,
    UserMetadata,
    WeightEdits,
    hookimpl,
)
from extensions.lora.settings import LoraSettings

if TYPE_CHECKING:
    from app.api import Host
    from extensions.lora.api import LayerKind


@hookimpl
def register_model_folders(host: Host) -> Iterable[ModelFolder]:
    """Where the files lie; the old folders of LyCORIS and of A1111's Additional Networks too."""
    suffixes = (".safetensors", ".pt", ".ckpt")
    further = ("LyCORIS", "../extensions/sd-webui-additional-networks/models/lora")
    return [ModelFolder("lora", "LoRA", "Lora", suffixes, flag="lora-dir", comfy_names=("loras",), further=further)]


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """In A1111's section."""
    return [SettingsSection("extra_networks", "Extra Networks", LoraSettings)]


@hookimpl
def register_network_types(host: Host) -> Iterable[NetworkType]:
    """The cards, and the tags that mean such a file."""
    from extensions.lora.cards import card_text, unfit

    def insert(record: ModelRecord, user: UserMetadata) -> CardText:
        return card_text(record, user, host.settings.snapshot())

    return [NetworkType("lora", "Lora", "lora", ("lora", "lyco"), insert, unfit, order=40)]


@hookimpl
def register_layer_kinds(host: Host) -> Iterable[LayerKind]:
    """LoRA itself."""
    from extensions.lora.api import LayerKind
    from extensions.lora.low_rank import read

    return [LayerKind("lora", read, order=50)]


@hookimpl
def register_routes(host: Host) -> Iterable[Any]:
    """The list of LoRA files, as API clients of A1111 read it."""
    from extensions.lora.routes import make_router

    return [make_router(host)]


@hookimpl
def edit_request(request: GenerationRequest, run: Run) -> GenerationRequest:
    """Add the network of the setting to the prompts that do not name it."""
    from extensions.lora.tags import with_network

    return with_network(request, str(run.settings.get("sd_lora") or ""))


@hookimpl
def edit_weights(context: PassContext, run: Run) -> Iterable[WeightEdits]:
    """What the tags of the first prompt ask for."""
    from extensions.lora.tags import tag_edits

    return tag_edits(context, run)


@hookimpl
def describe_image(image: ImagePlan, plan: GenerationPlan, run: Run) -> PlanInfo:
    """``Lora hashes``."""
    if not run.settings.get("lora_add_hashes_to_infotext"):
        return {}
    from extensions.lora.hashes import lora_hashes

    return {"Lora hashes": lora_hashes(plan, run)}
