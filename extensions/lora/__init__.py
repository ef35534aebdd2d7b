"""LoRA: files that change a checkpoint's layers, named in the prompt as ``<lora:name:1>``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from app.api import (
    NOTHING_WRITTEN,
    Axis,
    CardText,
    GenerationPlan,
    GenerationRequest,
    ImagePlan,
    ModelFolder,
    ModelRecord,
    NetworkNotes,
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
    from app.api import Host, ModelIdentity
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
def register_axes(host: Host) -> Iterable[Axis]:
    """Files and their strength."""
    from extensions.lora.axes import lora_axes

    return lora_axes(host)


@hookimpl
def register_network_types(host: Host) -> Iterable[NetworkType]:
    """The cards, and the tags that mean such a file."""
    from extensions.lora import cards
    from extensions.lora.names import note_shared
    from extensions.lora.training import notes_of

    def insert(record: ModelRecord, user: UserMetadata) -> CardText:
        return cards.card_text(record, user, host)

    def unfit(record: ModelRecord, checkpoint: ModelIdentity | None, user: UserMetadata = NOTHING_WRITTEN) -> str:
        return cards.unfit(record, checkpoint, user, host)

    def hides(checkpoint: ModelIdentity | None) -> Callable[[ModelRecord, UserMetadata], bool] | None:
        return cards.hiding_rule(checkpoint, host)

    def notes(record: ModelRecord) -> NetworkNotes:
        return notes_of(record, host)

    def look(records: Sequence[ModelRecord]) -> None:
        note_shared(records, host)

    return [
        NetworkType(
            "lora",
            "Lora",
            "lora",
            tags=("lora", "lyco"),
            insert=insert,
            unfit=unfit,
            order=40,
            kinds=("lora",),
            hides=hides,
            look=look,
            notes=notes,
            fields=cards.FIELDS,
            choices=cards.choices,
        )
    ]


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


@hookimpl
def register_texts(host: Host) -> Iterable[str]:
    """The names of facts about a training."""
    from extensions.lora.training import FACTS

    return FACTS
