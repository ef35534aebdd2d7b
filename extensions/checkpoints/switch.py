"""Switching to another checkpoint: the setting changes at once, the loading is a job, and a failure takes the switch back."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from app.api import Choices, Event, Job, JobCancelled, JobDone, JobFailed, ModelRecord, NotFoundError, UserError
from extensions.checkpoints.params import KIND, SETTING, UNLOAD_KIND, LoadRequest, UnloadRequest

if TYPE_CHECKING:
    from app.api import Host

logger = logging.getLogger(__name__)
FOLDER = "checkpoint"
VAE_SETTING = "sd_vae"


def switch_to(title: str, owner: str, host: Host) -> Job:
    """Set the checkpoint and load it; returns the loading job. Raises UserError for one that does not exist or cannot be used."""
    record = find(title, host)
    if record is None:
        raise NotFoundError(f"There is no checkpoint {title!r}.", hint="Press the refresh button next to the list.", field=SETTING)
    if not record.usable:
        raise UserError(record.problem or f"{record.name} is no checkpoint.", hint="Choose another one.", field=SETTING)
    previous = host.settings.get(SETTING)
    host.settings.set({SETTING: record.title})
    request = LoadRequest(checkpoint=record.title, previous=previous if isinstance(previous, str) else None)
    try:
        return _submit(KIND, request, owner, host)
    except UserError:
        host.settings.set({SETTING: previous})
        raise


def load_again(owner: str, host: Host) -> Job:
    """Load the checkpoint in use into memory; returns the job."""
    return _submit(KIND, LoadRequest(), owner, host)


def unload(owner: str, host: Host) -> Job:
    """Give the memory of all checkpoints back; returns the job."""
    return _submit(UNLOAD_KIND, UnloadRequest(), owner, host)


def _submit(kind: str, request: LoadRequest | UnloadRequest, owner: str, host: Host) -> Job:
    return host.jobs.submit(kind, request.model_dump(mode="json"), owner=owner, source="checkpoint", settings=host.settings.changed())


def choose_from_command_line(host: Host) -> None:
    """Use the checkpoint that ``--ckpt`` names, in this run only; a file that is not there is logged, and the setting stays."""
    wanted = host.options.flag("ckpt")
    if not isinstance(wanted, str):
        return
    record = find(wanted, host)
    if record is not None:
        host.settings.set_for_this_run({SETTING: record.title})
    elif host.role == "web":
        logger.error("--ckpt %s: there is no such checkpoint.", wanted)


def remember_default(host: Host) -> None:
    """Where nobody has chosen a checkpoint, keep to the one in use for this run: a file that comes later never displaces it."""
    record = None if host.settings.get(SETTING) else current(host)
    if record is not None:
        host.settings.set_for_this_run({SETTING: record.name})


def records(host: Host) -> list[ModelRecord]:
    """All files of the checkpoint folders; none when no extension knows such folders."""
    return host.models.records(FOLDER) if FOLDER in host.models.folders else []


def find(name: str, host: Host) -> ModelRecord | None:
    """The checkpoint meant by a title, a name or a hash."""
    return host.models.find(FOLDER, name) if FOLDER in host.models.folders else None


def usable(host: Host) -> list[ModelRecord]:
    """Checkpoints that an installed extension can load, and files that have not been looked into yet."""
    return [record for record in records(host) if record.usable]


def choices(host: Host) -> Choices:
    """What the setting can be chosen from: titles; the chosen one's value is as it was written (it may be a name or a hash)."""

    def listed() -> list[tuple[str, str]]:
        setting = host.settings.get(SETTING)
        chosen = find(setting, host) if isinstance(setting, str) and setting else None
        return [(record.title, str(setting) if record == chosen else record.title) for record in usable(host)]

    return Choices(listed, lambda: host.models.refresh(FOLDER))


def vae_names(host: Host) -> list[str]:
    """What the preferred VAE of a checkpoint can be: the choices of A1111's setting, where an extension declares it; "" for none."""
    option = host.settings.options.get(VAE_SETTING)
    listed = option.choices.listed() if option is not None and option.choices is not None else ()
    return ["", *(each if isinstance(each, str) else str(each[1]) for each in listed)]


def unusable(host: Host) -> list[ModelRecord]:
    """Files of the checkpoint folders that cannot be used; ``problem`` says why."""
    return [record for record in records(host) if not record.usable]


def current(host: Host) -> ModelRecord | None:
    """The configured checkpoint, else the first usable one, of which something is known if possible."""
    setting = host.settings.get(SETTING)
    found = find(setting, host) if isinstance(setting, str) and setting else None
    return found or next(iter(sorted(usable(host), key=lambda record: record.pending)), None)


def undo_switch(job: Job, host: Host) -> None:
    """Put the setting back after a loading job that did not load, unless somebody has chosen a third checkpoint; twice does no harm."""
    if job.kind != KIND:
        return
    request = LoadRequest.model_validate(job.request)
    if request.checkpoint is None:
        return  # nothing was switched
    if host.settings.get(SETTING) == request.checkpoint:
        host.settings.set({SETTING: request.previous})


@contextmanager
def begun_from_command_line(host: Host) -> Iterator[None]:
    """Begin with the checkpoint of the command line; without one the web process keeps to the first that is usable."""
    choose_from_command_line(host)
    if host.role == "web":
        remember_default(host)
    yield


@contextmanager
def undo_failed_switches(host: Host) -> Iterator[None]:
    """While it is open, a loading job that failed or was ended puts the setting back (``undo_switch``)."""

    def hear(event: Event) -> None:
        if isinstance(event, JobFailed | JobCancelled) or (isinstance(event, JobDone) and event.result.stopped):
            undo_switch(host.jobs.get(event.job_id), host)

    unsubscribe = host.jobs.subscribe(hear)
    try:
        yield
    finally:
        unsubscribe()
