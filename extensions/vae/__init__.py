"""VAE: files that take the place of the checkpoint's own, for all pictures or for one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from app.api import GenerationPlan, ImagePlan, ModelFolder, PassContext, PlanInfo, Run, SettingsSection, WeightEdits, hookimpl
from extensions.vae.params import SETTING, VaeInfotextSettings, VaeSettings

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_model_folders(host: Host) -> Iterable[ModelFolder]:
    """Where the files lie: in a folder of their own, and beside checkpoints."""
    from extensions.vae.files import FOLDERS

    return FOLDERS


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """In A1111's sections."""
    from extensions.vae.files import choices

    return [
        SettingsSection("vae", "VAE", VaeSettings, choices={SETTING: choices(host)}),
        SettingsSection("infotext", "Infotext", VaeInfotextSettings),
    ]


@hookimpl
def register_routes(host: Host) -> Iterable[Any]:
    """The list of files, as API clients of A1111 read it."""
    from extensions.vae.routes import make_router

    return [make_router(host)]


@hookimpl
def edit_weights(context: PassContext, run: Run) -> Iterable[WeightEdits]:
    """The VAE that is used with the checkpoint of this pass."""
    from extensions.vae.edit import vae_edits

    return vae_edits(context, run)


@hookimpl
def describe_image(image: ImagePlan, plan: GenerationPlan, run: Run) -> PlanInfo:
    """``VAE`` and ``VAE hash``."""
    from extensions.vae.infotext import vae_items

    return vae_items(plan, run)
