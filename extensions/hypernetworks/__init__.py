"""Hypernetworks: small networks that change what attention layers read, named in the prompt as ``<hypernet:name:1>``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from app.api import (
    NOTHING_WRITTEN,
    Axis,
    CardText,
    GenerationRequest,
    ModelFolder,
    ModelPatch,
    ModelRecord,
    NetworkType,
    PassContext,
    Run,
    SettingsSection,
    UserMetadata,
    hookimpl,
    unfit_for,
)
from extensions.hypernetworks.settings import HypernetworkSettings

if TYPE_CHECKING:
    from app.api import Host, ModelIdentity


@hookimpl
def register_model_folders(host: Host) -> Iterable[ModelFolder]:
    """Where the files lie."""
    suffixes = (".pt", ".safetensors")
    return [ModelFolder("hypernetwork", "Hypernetwork", "hypernetworks", suffixes, flag="hypernetwork-dir", comfy_names=("hypernetworks",))]


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """In A1111's section."""
    from extensions.hypernetworks.names import choices

    return [SettingsSection("extra_networks", "Extra Networks", HypernetworkSettings, choices={"sd_hypernetwork": choices(host)})]


@hookimpl
def register_axes(host: Host) -> Iterable[Axis]:
    """Files and their strength."""
    from extensions.hypernetworks.axes import hypernetwork_axes

    return hypernetwork_axes(host)


@hookimpl
def register_network_types(host: Host) -> Iterable[NetworkType]:
    """The cards, and the tag that means such a file."""
    from extensions.hypernetworks.cards import FIELDS, card_text

    def insert(record: ModelRecord, user: UserMetadata) -> CardText:
        return card_text(record, user, float(str(host.settings.find("extra_networks_default_multiplier", 1.0))))

    def unfit(record: ModelRecord, checkpoint: ModelIdentity | None, user: UserMetadata = NOTHING_WRITTEN) -> str:
        return unfit_for(record.identity.family if record.identity else "", checkpoint.family if checkpoint else "", host)

    return [
        NetworkType(
            "hypernetworks",
            "Hypernetworks",
            "hypernetwork",
            tags=("hypernet",),
            insert=insert,
            unfit=unfit,
            order=20,
            kinds=("hypernetwork",),
            fields=FIELDS,
            preview_ending=".preview.png",
        )
    ]


@hookimpl
def register_routes(host: Host) -> Iterable[Any]:
    """The list of files, as API clients of A1111 read it."""
    from extensions.hypernetworks.routes import make_router

    return [make_router(host)]


@hookimpl
def edit_request(request: GenerationRequest, run: Run) -> GenerationRequest:
    """Add the hypernetwork of the setting to a prompt that does not name it."""
    from extensions.hypernetworks.tags import with_hypernetwork

    return with_hypernetwork(request, run.settings)


@hookimpl
def patch_model(context: PassContext, run: Run) -> Iterable[ModelPatch]:
    """What the tags of the first prompt ask for, in their order."""
    from extensions.hypernetworks.apply import tag_patches

    return tag_patches(context, run)
