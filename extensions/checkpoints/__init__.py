"""Choosing the checkpoint: the setting, the drop-down at the top of the page, and loading at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from app.api import JobKind, JobResult, ModelRecord, NetworkType, Page, PageSlot, Panel, Run, SettingsSection, hookimpl, typed_as
from extensions.checkpoints.params import KIND, PANEL, SETTING, UNLOAD_KIND, VAE_FIELD, CheckpointSettings, LoadRequest, UnloadRequest

if TYPE_CHECKING:
    from pydantic import BaseModel

    from app.api import Host


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """``sd_model_checkpoint``, in A1111's section."""
    from extensions.checkpoints.switch import choices

    return (SettingsSection("sd", "Stable Diffusion", CheckpointSettings, choices={SETTING: choices(host)}),)


@hookimpl
def register_job_kinds(host: Host) -> Iterable[JobKind]:
    """Loading a checkpoint is a job, so that it waits for its turn and tells its progress."""

    def run(run: Run, request: BaseModel) -> JobResult:
        from extensions.checkpoints.load import load

        return load(run, typed_as(LoadRequest, request))

    def run_unload(run: Run, request: BaseModel) -> JobResult:
        from extensions.checkpoints.load import unload

        return unload(run)

    return (JobKind(KIND, "Load a checkpoint", LoadRequest, run), JobKind(UNLOAD_KIND, "Unload checkpoints", UnloadRequest, run_unload))


@hookimpl
def register_network_types(host: Host) -> Iterable[NetworkType]:
    """The cards; a click on one switches, which the page's script does."""
    from extensions.checkpoints.switch import FOLDER, current, vae_names

    def in_use() -> ModelRecord | None:
        return current(host)

    def choices(field: str) -> Sequence[str]:
        return vae_names(host) if field == VAE_FIELD else ()

    return (NetworkType("checkpoints", "Checkpoints", FOLDER, order=30, current=in_use, fields=(VAE_FIELD,), choices=choices),)


@hookimpl
def register_routes(host: Host) -> Iterable[Any]:
    """What the user knows better about a checkpoint than its file says."""
    from extensions.checkpoints.routes import make_router

    return (make_router(host),)


@hookimpl
def register_panels(host: Host) -> Iterable[Panel]:
    """The drop-down in the quicksettings row."""

    def build(page: Page) -> None:
        from extensions.checkpoints.panel import draw_checkpoint

        draw_checkpoint(page)

    return (Panel(id=PANEL, slot=PageSlot.QUICKSETTINGS, order=0, build=build),)


@hookimpl
def lifespan(host: Host) -> Iterable[AbstractContextManager[None]]:
    """Begin with the checkpoint of ``--ckpt``; in the web process one that cannot be loaded gives way to the one before."""
    from extensions.checkpoints.switch import begun_from_command_line, undo_failed_switches

    begun = begun_from_command_line(host)
    return (begun,) if host.role == "worker" else (begun, undo_failed_switches(host))
