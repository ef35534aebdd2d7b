"""Draws for the command line with a worker of its own, without the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.cli.drawn_files import DrawnPicture
from app.cli.parse import CommandLine
from app.cli.progress_bar import Bar
from app.errors import UserError
from app.host import Host, build_host
from app.jobs.waiting import forget_spooled, picture_bytes
from app.logs import console_log
from app.values.events import Event, JobProgress, WorkerStatus
from app.values.job import Job, JobState
from app.values.request import GenerationRequest

LOOK_EVERY_S = 0.2
OWNER, SOURCE = "", "shell"


def draw_here(
    request: GenerationRequest, line: CommandLine, environment: Mapping[str, str], bar: Bar
) -> tuple[Sequence[DrawnPicture], Sequence[str]]:
    """Pictures and comments; raises UserError. A stop ends the worker, and the job with it."""
    options = line.options.model_copy(
        update={"nowebui": True, "hash_models": False, "preload_model": request.checkpoint is None, "loglevel": "WARNING"}
    )
    with console_log(options.loglevel, options.secrets):
        bar.say("Starting a worker.")
        host = build_host(options, "web", environment=environment)
        with host.running():
            return _draw(host, request, bar)


def _draw(host: Host, request: GenerationRequest, bar: Bar) -> tuple[Sequence[DrawnPicture], Sequence[str]]:
    def hear(event: Event) -> None:
        if isinstance(event, WorkerStatus) and event.state in ("starting", "loading"):
            bar.say("Loading the checkpoint.")
        if isinstance(event, JobProgress):
            bar.show(event.fraction, event.text, event.eta_s)

    unsubscribe = host.jobs.subscribe(hear)
    job: Job | None = None
    try:
        values, settings = request.model_dump(mode="json"), host.settings.changed()
        job = host.jobs.submit("generate", values, owner=OWNER, source=SOURCE, settings=settings)
        while not job.state.ended:
            job = host.jobs.wait(job.id, LOOK_EVERY_S)
        if job.state is not JobState.DONE:
            raise UserError(job.error or f"The job was {job.state}.")
        pictures = [DrawnPicture(picture_bytes(image), image.seed) for image in job.result.images]
        forget_spooled(job)
        return pictures, job.result.comments
    except KeyboardInterrupt:
        if job is not None:
            host.jobs.control(job.id, "cancel")
        raise
    finally:
        unsubscribe()
