"""From a request to pictures on disk: the whole of a generation job."""

from __future__ import annotations

from app import hookspecs
from app.contracts import Run
from app.errors import JobStopped
from app.generation.decode import decode
from app.generation.passes import BatchSampler
from app.generation.plan import batches, make_plan
from app.generation.progress import Progress
from app.generation.result import RESULTS, Results
from app.generation.run_helpers import GenerationRun
from app.generation.sessions import ModelSessions
from app.values.job import JobResult
from app.values.plan import ImagePlan
from app.values.request import GenerationRequest


def generate(request: GenerationRequest, run: Run) -> JobResult:
    """Draw and save what ``request`` asks for; an interrupt or a skip returns what exists, a cancel is raised as JobStopped."""
    job = GenerationRun.of(run, request.settings)
    results = job.stash[RESULTS] = Results(job, request)
    try:
        _generate(request, job, results)
    except JobStopped as stop:
        if stop.kind == "cancel":
            raise
        results.stop(stop.kind)
    return results.finish()


def _generate(request: GenerationRequest, run: GenerationRun, results: Results) -> None:
    hooks = run.host.hooks
    edited = hooks.fold(hookspecs.edit_request, request, run=run)
    plan = hooks.fold(hookspecs.edit_plan, make_plan(edited, run), request=edited, run=run)
    with ModelSessions(plan, run) as sessions:
        sampler = BatchSampler(plan, sessions, run, Progress(run, len(batches(plan))))
        for sampler.progress.batch, images in enumerate(batches(plan)):
            if not _draw(images, sampler, results):
                break


def _draw(images: tuple[ImagePlan, ...], sampler: BatchSampler, results: Results) -> bool:
    """Draw and save one batch; returns whether another one may follow."""
    run, plan, progress = sampler.run, sampler.plan, sampler.progress
    with results.model_time:
        sampled = sampler.sample(images)
    stopped = sampled.stopped
    if sampled.latents is not None:
        progress.decoding()
        with results.model_time:
            decoded = decode(sampled.latents, images, sampler.model, run)
            pictures = run.host.hooks.fold(hookspecs.edit_images, decoded.images, plan=plan, run=run)
        run.computed = sampler.model.describe()
        progress.saving()
        results.add(pictures, plan, complete=not sampled.stopped, decoded=decoded.images)
        stopped = stopped or decoded.stopped
    if stopped:
        results.stop(stopped)
    return stopped != "interrupt" and not run.control.stop_after_batch
